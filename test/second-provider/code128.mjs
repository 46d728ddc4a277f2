// A text as a Code 128 barcode (code set B, ISO/IEC 15417): what this app sells.

// The widths of bars and gaps of each symbol, six digits a symbol; the stop has seven.
const WIDTHS =
  "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232".match(
    /.{6}/g,
  );
const STOP = "2331112";
const START_B = 104;
const MODULUS = 103;
const QUIET = 10;
const HEIGHT = 40;

export const isPrintable = (text) => typeof text === "string" && /^[ -~]{1,40}$/.test(text);

/** The symbols of a text: start, its letters, the check symbol. */
export function symbolsOf(text) {
  const letters = [...text].map((letter) => letter.codePointAt(0) - 32);
  const check = letters.reduce((sum, value, place) => sum + value * (place + 1), START_B) % MODULUS;
  return [START_B, ...letters, check];
}

export function barcode(text) {
  let x = QUIET;
  let bars = "";
  for (const widths of [...symbolsOf(text).map((symbol) => WIDTHS[symbol]), STOP])
    [...widths].forEach((width, place) => {
      if (place % 2 === 0) bars += `M${x} 0h${width}v${HEIGHT}h-${width}z`;
      x += Number(width);
    });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${x + QUIET} ${HEIGHT}"><path d="${bars}"/></svg>`;
}
