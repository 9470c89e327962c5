// Moves the dates of the query examples, which are around one day, to the days around the reader's visit.
{
  const [EXAMPLE_DAY, DAY] = [Date.UTC(2026, 10, 20), 86_400_000];

  globalThis.movedDates = (text, now) => {
    const days = Math.floor((now - EXAMPLE_DAY) / DAY);
    return text.replace(/\b2026-1[01]-\d\d(?=T|\b)/g, (day) => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10));
  };

  if (globalThis.document && /\/(query-examples|index)?(\.html)?$/.test(location.pathname)) {
    const texts = document.createTreeWalker(document.querySelector('article') ?? document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.nodeValue = movedDates(texts.currentNode.nodeValue, Date.now());
  }
}
