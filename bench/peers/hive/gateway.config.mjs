// Hive Gateway without what nobody asks for here: pages for people, health checks, logs.
import { defineConfig } from '@graphql-hive/gateway';

export const gatewayConfig = defineConfig({ logging: false, graphiql: false, landingPage: false });
