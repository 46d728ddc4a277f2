// The current place of a navigation that scrolls sideways, brought into sight: on a phone it would lie beyond the edge.

/** An attachment for the navigation's scrolling row, made anew for each `path`. */
export const currentInView = (path: string) => (row: HTMLElement) => {
  const places = [...row.querySelectorAll<HTMLElement>("a")];
  const current = places.findLast((place) => path.startsWith(place.getAttribute("href") ?? "-"));
  // Not scrollIntoView: that would scroll the page as well.
  if (current && current.offsetLeft + current.offsetWidth > row.clientWidth)
    row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
};
