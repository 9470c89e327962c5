// Notices: what is missing from the list, or why there is none.
import { keyOf, type Problem } from './log';

export function Missing({ problems, isAsking, onRetry }: { problems: Problem[]; isAsking: boolean; onRetry: () => void }) {
  if (problems.length === 0) return null;
  return (
    <div className="notice" role="alert">
      <div>
        <strong>Some calls may be missing</strong>
        <ul>{problems.map((each) => <li key={keyOf(each)}><Words problem={each} /></li>)}</ul>
      </div>
      {problems.some((each) => each.retryable) && <button type="button" onClick={onRetry} disabled={isAsking}>Try again</button>}
    </div>
  );
}

const Words = ({ problem: { provider, message, retryAfter } }: { problem: Problem }) => (
  <>
    <b>{provider?.name}</b>: {message}
    {retryAfter !== null && ` (in ${String(retryAfter)} s)`}
  </>
);

export function Refused({ text, onRetry }: { text: string; onRetry: (() => void) | null }) {
  return (
    <div className="notice" role="alert">
      <p>{text}</p>
      {onRetry && <button type="button" onClick={onRetry}>Try again</button>}
    </div>
  );
}
