// A chart as a picture: drawn on the page's own ground, twice as large as on the screen.
import { save } from './csv';

const SCALE = 2;
const STYLES = ['fill', 'stroke', 'font', 'opacity', 'text-anchor'] as const;

/** Let the browser save a chart with a legend above it as a PNG file. */
export async function downloadPicture(name: string, chart: SVGSVGElement, legend: readonly { name: string; color: string }[]): Promise<void> {
  const { width, height } = chart.getBoundingClientRect();
  const picture = await loaded(standalone(chart));
  const canvas = document.createElement('canvas');
  const head = 32;
  canvas.width = Math.ceil(width * SCALE);
  canvas.height = Math.ceil((height + head) * SCALE);
  const context = canvas.getContext('2d');
  if (!context) return;
  const page = getComputedStyle(document.body);
  context.scale(SCALE, SCALE);
  context.fillStyle = page.getPropertyValue('--surface') || page.backgroundColor;
  context.fillRect(0, 0, width, height + head);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  let x = 8;
  for (const each of legend) {
    context.fillStyle = colorOf(each.color);
    context.fillRect(x, 11, 10, 10);
    context.fillStyle = page.color;
    context.fillText(each.name, x + 15, 17);
    x += context.measureText(each.name).width + 32;
  }
  context.drawImage(picture, 0, head, width, height);
  const file = await new Promise<Blob | null>((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  if (file) save(name, file);
}

// Outside of the page there are no style sheets: the copy brings along what they say.
function standalone(chart: SVGSVGElement): string {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const shown = chart.querySelectorAll<SVGElement>('*');
  copy.querySelectorAll<SVGElement>('*').forEach((each, index) => {
    const element = shown[index];
    if (!element) return;
    const style = getComputedStyle(element);
    for (const property of STYLES) each.style.setProperty(property, style.getPropertyValue(property));
  });
  return new XMLSerializer().serializeToString(copy);
}

// The page's policy permits data: images, and no others that a script makes.
async function loaded(text: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
  await image.decode();
  return image;
}

function colorOf(color: string): string {
  const name = /^var\((--[\w-]+)\)$/.exec(color)?.[1];
  return name ? getComputedStyle(document.documentElement).getPropertyValue(name) : color;
}
