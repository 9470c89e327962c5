// The start.
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { App } from './app';
import './style.css';

const root = document.getElementById('root');
// The route stands after "#", so that any server of files serves every page, and the filters before it stay.
if (root) createRoot(root).render(<Router hook={useHashLocation}><App /></Router>);
