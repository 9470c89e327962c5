// The bar above GraphiQL: the way back to the console, what to press, the key of this tab, and what was refused, in words.
import { useEffect, useState } from 'react';

const USED = 'telegraphql:graphiql-used';

export function Bar({ asking }) {
  const [isUsed, setUsed] = useState(() => localStorage.getItem(USED) !== null);
  const [refusal, setRefusal] = useState('');
  useEffect(() => {
    asking.told = setRefusal;
    asking.ran = () => {
      localStorage.setItem(USED, 'yes');
      setUsed(true);
    };
  }, [asking]);
  return (
    <header className="bar">
      <h1>
        <a href="/">Telegraph<em>QL</em></a>
      </h1>
      {!isUsed && (
        <p className="first">
          Press <span className="play">▶</span> to send the query to the gateway, or <kbd>Ctrl</kbd> <kbd>Enter</kbd>. Each tab holds another question.
        </p>
      )}
      <Key asking={asking} />
      <p className="refusal" role="alert">{refusal}</p>
    </header>
  );
}

function Key({ asking }) {
  const [hasKey, setKey] = useState(asking.hasKey);
  const use = (key) => {
    asking.useKey(key);
    setKey(key !== '');
  };
  if (hasKey)
    return (
      <p className="key">
        <span>A key is used in this tab.</span>
        <button type="button" onClick={() => use('')}>Forget it</button>
      </p>
    );
  return (
    <form
      className="key"
      onSubmit={(event) => {
        event.preventDefault();
        use(event.currentTarget.elements.namedItem('key').value.trim());
      }}
    >
      <input name="key" type="password" autoComplete="off" placeholder="API key" aria-label="API key" required />
      <button type="submit">Use it</button>
    </form>
  );
}
