// The audits of GraphQL over HTTP: node audits.mjs <url>; writes one JSON object a line.
import { auditServer } from 'graphql-http';

const results = await auditServer({ url: process.argv[2] });
for (const { id, name, status, reason } of results) console.log(JSON.stringify({ id, name, status, reason }));
