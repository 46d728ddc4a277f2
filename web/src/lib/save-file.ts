// Gives the person a file made in the page.

export function saveFile(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** A CSV file of the API. Reading it as text took its byte-order mark off, which spreadsheets go by. */
export const saveCsv = (name: string, text: string): void => saveFile(name, "text/csv;charset=utf-8", `\ufeff${text}`);
