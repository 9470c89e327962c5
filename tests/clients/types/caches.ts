// The caches of Apollo Client and urql take the package's configuration with its types.
import { InMemoryCache } from '@apollo/client';
import { cacheExchange } from '@urql/exchange-graphcache';
import { possibleTypes, typePolicies } from 'telegraphql-client/apollo';
import { graphcache } from 'telegraphql-client/graphcache';

console.log(JSON.stringify([typeof new InMemoryCache({ typePolicies, possibleTypes }), typeof cacheExchange(graphcache)]));
