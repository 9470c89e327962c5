// The console: a page over the gateway's public GraphQL API, from our own origin.
import { createRoot } from 'react-dom/client';
import './styles/base.css';
import './styles/parts.css';
import './styles/calls.css';
import { Console } from './console';

const root = document.getElementById('console');
if (root) createRoot(root).render(<Console />);
