// The tabs a first visitor finds: one operation each, its first line saying what it shows.
import combinedFilters from './examples/combined-filters.graphql?raw';
import dashboard from './examples/dashboard.graphql?raw';
import endedCalls from './examples/ended-calls.graphql?raw';
import newestCalls from './examples/newest-calls.graphql?raw';
import problems from './examples/problems.graphql?raw';
import providers from './examples/providers.graphql?raw';
import queues from './examples/queues.graphql?raw';
import sessions from './examples/sessions.graphql?raw';
import statistics from './examples/statistics.graphql?raw';
import timeline from './examples/timeline.graphql?raw';

const tab = (query, variables) => ({ query: query.trimEnd(), variables: variables && JSON.stringify(variables, null, 2) });

const threeDaysAgo = new Date(Date.now() - 3 * 86_400_000).toISOString();

export default [
  tab(newestCalls, { after: null }),
  tab(combinedFilters, { text: 'a', since: threeDaysAgo }),
  tab(dashboard, { since: threeDaysAgo }),
  tab(sessions),
  tab(timeline, { number: '+41616925879' }),
  tab(statistics, { since: threeDaysAgo }),
  // Null is any provider: the page does not know the names of the configured ones.
  tab(queues, { providers: null }),
  tab(providers),
  tab(problems),
  tab(endedCalls, { since: threeDaysAgo }),
];
