// Draw the Mermaid diagrams of a page. Without mermaid.js (see the Makefile) their source stays visible.
if (window.mermaid) {
  mermaid.initialize({ startOnLoad: false, theme: 'neutral', securityLevel: 'strict' });
  document.querySelectorAll('pre.diagram').forEach((source) => {
    const diagram = document.createElement('div');
    diagram.className = 'diagram';
    diagram.textContent = source.textContent;
    source.replaceWith(diagram);
  });
  mermaid.run({ querySelector: 'div.diagram' });
}
