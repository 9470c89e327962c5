// The GraphiQL page: our endpoint, our examples, the explorer, nothing from elsewhere.
import './workers.js';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import 'graphiql/graphiql.css';
import './page.css';
import examples from './examples.js';

const endpoint = new URL('/graphql', location.origin);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol.replace('http', 'ws');

const fetcher = createGraphiQLFetcher({
  url: endpoint.href,
  subscriptionUrl: socket.href,
  // The gateway answers whole; asking for multipart would only cost the error status codes.
  enableIncrementalDelivery: false,
});

// GraphiQL shows the first tab's query by itself, its variables only if told; told always, it would forget the user's own.
const isFirstVisit = localStorage.getItem('graphiql:tabState') === null;

const plugins = [explorerPlugin({ showAttribution: false }), HISTORY_PLUGIN];

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    defaultTabs={examples}
    defaultQuery=""
    initialVariables={isFirstVisit ? examples[0].variables : undefined}
    // The first example's way to the next page is a variable.
    defaultEditorToolsVisibility="variables"
    isHeadersEditorEnabled
    // Headers hold API keys: they leave the tab's memory only when the user says so in the settings.
    shouldPersistHeaders={false}
    showPersistHeadersSettings
  >
    <GraphiQL.Logo>
      <a className="telegraphql-logo" href="/">
        Telegraph<em>QL</em>
      </a>
    </GraphiQL.Logo>
  </GraphiQL>,
);
