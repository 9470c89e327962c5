// What the page remembers: all but headers, which may hold keys. GraphiQL's history would keep them; only the visitor's settings may.
const PREFIX = 'graphiql:';
const HISTORY = ['queries', 'favorites'].map((name) => PREFIX + name);

const mayKeepHeaders = () => localStorage.getItem(`${PREFIX}shouldPersistHeaders`) === 'true';
const ours = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
const withoutHeaders = (text) => JSON.stringify(JSON.parse(text), (name, value) => (name === 'headers' ? undefined : value));

export default {
  getItem: (name) => localStorage.getItem(name),
  setItem: (name, text) => localStorage.setItem(name, HISTORY.includes(name) && !mayKeepHeaders() ? withoutHeaders(text) : text),
  removeItem: (name) => localStorage.removeItem(name),
  clear: () => ours().forEach((name) => localStorage.removeItem(name)),
  get length() {
    return ours().length;
  },
};
