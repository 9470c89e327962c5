// The GraphiQL page: our endpoint, our examples, the explorer, nothing from elsewhere.
import './workers.js';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';

import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import 'graphiql/graphiql.css';
import './page.css';
import makeAsking from './fetcher.js';
import examples from './examples.js';
import memory from './storage.js';

const asking = makeAsking();

// GraphiQL shows the first tab's query by itself, its variables only if told; told always, it would forget the user's own.
const isFirstVisit = localStorage.getItem('graphiql:tabState') === null;

// A query that another page opens stands behind the "#", which browsers do not send. It is taken out, so that a reload does not open it again.
const opened = new URLSearchParams(location.hash.slice(1));
const query = opened.get('query');
const variables = opened.get('variables') ?? undefined;
if (query) history.replaceState(null, '', location.pathname + location.search);

// Inside the page, where the schema can be asked for.
const Logo = () => {
  const { introspect } = useGraphiQLActions();
  useEffect(() => {
    asking.renewed = introspect;
  }, [introspect]);
  return (
    <a className="telegraphql-logo" href="/">
      Telegraph<em>QL</em>
    </a>
  );
};

const plugins = [explorerPlugin({ showAttribution: false }), HISTORY_PLUGIN];

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={asking.fetcher}
    storage={memory}
    plugins={plugins}
    // Only a first visit has these; later ones add the opened query to the tabs they remember.
    defaultTabs={query ? [{ query, variables }, ...examples] : examples}
    defaultQuery=""
    initialQuery={query ?? undefined}
    initialVariables={query ? variables : isFirstVisit ? examples[0].variables : undefined}
    // The first example's way to the next page is a variable.
    defaultEditorToolsVisibility="variables"
    isHeadersEditorEnabled
    // Headers hold API keys: they leave the tab's memory only when the user says so in the settings.
    shouldPersistHeaders={false}
    showPersistHeadersSettings
  >
    <GraphiQL.Logo>
      <Logo />
    </GraphiQL.Logo>
  </GraphiQL>,
);
