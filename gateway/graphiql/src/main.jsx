// The GraphiQL page: our endpoint, our examples, the explorer, nothing from elsewhere.
import './workers.js';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { pick, ToolbarButton, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';

import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import 'graphiql/graphiql.css';
import './page.css';
import { Bar } from './bar.jsx';
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

// Inside GraphiQL, where the schema can be asked for and the editors be read.
const Tools = () => {
  const { introspect } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL(pick('queryEditor', 'variableEditor'));
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    asking.renewed = introspect;
  }, [introspect]);
  const copy = async () => {
    const parts = { query: queryEditor.getValue(), variables: variableEditor?.getValue() ?? '' };
    await navigator.clipboard.writeText(`${location.origin}/graphiql#${new URLSearchParams(parts)}`);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <ToolbarButton label={isCopied ? 'The link is copied' : 'Copy a link to this query'} onClick={copy}>
      <svg className="graphiql-toolbar-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
        <path d={isCopied ? 'M5 13l4 4L19 7' : 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7l-1.6 1.6M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7l1.6-1.6'} />
      </svg>
    </ToolbarButton>
  );
};

const plugins = [explorerPlugin({ showAttribution: false }), HISTORY_PLUGIN];

createRoot(document.getElementById('graphiql')).render(
  <>
    <Bar asking={asking} />
    <main>
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
        {/* The bar names the product. */}
        <GraphiQL.Logo>{null}</GraphiQL.Logo>
        <GraphiQL.Toolbar>
          {({ merge, prettify, copy }) => (
            <>
              {prettify}
              {merge}
              {copy}
              <Tools />
            </>
          )}
        </GraphiQL.Toolbar>
      </GraphiQL>
    </main>
  </>,
);
