// The icons: lines on a grid of 24, drawn for this page.
const PATHS = {
  overview: 'M4 13h6V4H4zm10 7h6V11h-6zM4 20h6v-4H4zM14 8h6V4h-6z',
  calls: 'M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1',
  number: 'M10 4 8 20M16 4l-2 16M5 9h15M4 15h15',
  queues: 'M8 8a2.5 2.5 0 1 0 .01 0M3.5 19c0-3 2-5 4.5-5s4.5 2 4.5 5M16 7.5a2.2 2.2 0 1 0 .01 0M15.5 13.6c2.8-.4 5 1.6 5 4.9',
  statistics: 'M4 20h16M7 16v-5m5 5V5m5 11V9',
  providers: 'M4 5h16v5H4zm0 9h16v5H4zM8 7.5h.01M8 16.5h.01M12 7.5h4M12 16.5h4',
  graphiql: 'M8 6 3 12l5 6m8-12 5 6-5 6M13.5 5l-3 14',
  INBOUND: 'M18 6 7 17m0-8v8h8',
  OUTBOUND: 'M6 18 17 7M9 7h8v8',
  INTERNAL: 'M4 9h14l-4-4m6 10H6l4 4',
  TRANSIT: 'M4 12h16m-5-5 5 5-5 5',
  UNKNOWN: 'M12 12h.01',
  search: 'M10.5 4a6.5 6.5 0 1 0 .01 0M15.5 15.5 20 20',
  play: 'M8 5v14l11-7z',
  pause: 'M8 5v14M16 5v14',
  download: 'M12 4v11m-4.5-4L12 15.5 16.5 11M5 20h14',
  close: 'M6 6l12 12M18 6 6 18',
  message: 'M4 5h16v11H9l-5 4z',
  recording: 'M5 12h2l2-6 3 13 3-10 2 3h2',
  columns: 'M4 5h16v14H4zM10 5v14M15 5v14',
  external: 'M14 4h6v6m0-6-9 9M18 14v5H5V6h5',
  warning: 'M12 4 3 20h18zm0 6v5m0 2.5h.01',
  key: 'M8 11a4 4 0 1 0 .01 0M11 14l9-9m-3 3 2.5 2.5M14 11l2 2',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);
