// Voximplant's own client for Node.js: what it reads of the Management API at a host, one JSON object a line.
import { once } from "node:events";
import { createRequire } from "node:module";

const VoximplantApiClient = createRequire(import.meta.url)("@voximplant/apiclient-nodejs").default;
const [credentials, host, sessionId, number, recordId] = process.argv.slice(2);
const client = new VoximplantApiClient({ pathToCredentials: credentials, host });
await new Promise((ready) => (client.onReady = ready));

const range = { fromDate: new Date("2012-01-01T00:00:00Z"), toDate: new Date("2030-01-01T00:00:00Z") };
const parts = { withCalls: true, withRecords: true, withOtherResources: true };

async function say(name, request) {
  const line = JSON.stringify([name, await request]) + "\n";
  if (!process.stdout.write(line)) await once(process.stdout, "drain");
}

await say("calls", client.History.getCallHistory({ ...range, ...parts, descOrder: true, count: 1000 }));
await say("one", client.History.getCallHistory({ ...range, callSessionHistoryId: [Number(sessionId)] }));
await say("unknown", client.History.getCallHistory({ ...range, callSessionHistoryId: [Number(sessionId), 1] }));
await say("number", client.History.getCallHistory({ ...range, ...parts, remoteNumber: number, count: 1000 }));
await say("transactions", client.History.getTransactionHistory({ ...range, isUncommitted: false, count: 1000 }));
await say("visits", client.History.getACDHistory({ ...range, withEvents: true, count: 1000 }));
await say("audit", client.History.getAuditLog({ ...range, withTotalCount: true, count: 1000 }));
const { historyReportId } = await client.History.getCallHistoryAsync(range);
await say("running", client.History.getHistoryReports({ historyReportId, historyType: "all" }));
await say("done", client.History.getHistoryReports({ historyReportId, historyType: "all" }));
await say("file", client.History.downloadHistoryReport({ historyReportId }));
await say("deleted", client.History.deleteRecord({ recordId: Number(recordId) }));
