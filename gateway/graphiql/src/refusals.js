// What a refusal means on this page, and what to do about it here.
const UNREACHABLE = 'The gateway cannot be reached. Send the query again when it runs.';
const HINTS = {
  UNAUTHENTICATED: 'Enter your API key at the top of this page; it then counts in all tabs.',
  INTROSPECTION_DISABLED: 'This gateway does not tell its schema, so the editor cannot complete or check what you write.',
  PERSISTED_QUERY_ONLY:
    'This gateway answers only the operations that its operator has put into a manifest (persisted_queries.manifest_only). ' +
    'It refuses what is written here. Try the query at a gateway without this setting, then add it to the manifest.',
};
const UNAUTHORIZED = 4401;

/** Return an error, or what broke a connection, as an error whose message says what to do on this page. */
export function inWords(cause) {
  if (cause instanceof CloseEvent) {
    const message = `the connection was closed: ${cause.code} ${cause.reason}`.trim();
    return { message: cause.code === UNAUTHORIZED ? `${message}. ${HINTS.UNAUTHENTICATED}` : message };
  }
  if (Array.isArray(cause)) return inWords(cause[0]);
  if (cause instanceof TypeError || cause instanceof Event) return { message: UNREACHABLE };
  const hint = HINTS[cause.extensions?.code];
  return hint && !cause.message.endsWith(hint) ? { ...cause, message: `${cause.message}. ${hint}` } : cause;
}
