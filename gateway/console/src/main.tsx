// The console: a page over the gateway's public GraphQL API, from our own origin.
import { createRoot } from 'react-dom/client';
import './styles/base.css';
import './styles/controls.css';
import './styles/frame.css';
import './styles/frame-narrow.css';
import './styles/parts.css';
import './styles/figures.css';
import './styles/parts-narrow.css';
import './styles/calls.css';
import './styles/call-table.css';
import './styles/call-details.css';
import './styles/calls-narrow.css';
import { Console } from './console';

const root = document.getElementById('console');
if (root) createRoot(root).render(<Console />);
