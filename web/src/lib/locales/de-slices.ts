// The words of disputed slices, in German.

import type { enSlice, enSliceNews } from "./en-slices.ts";

export const deSlice: typeof enSlice = {
  title: "Ein Teil dieser Sitzung ist strittig",
  closedTitle: "Ein Teil dieser Sitzung war strittig",
  lead: (app, tokens) =>
    `${app} hat mehr gemeldet, als Ihre Seite gesehen hat. Was beide sagen, ist bezahlt; ${tokens} bleiben reserviert, bis entschieden ist.`,
  meter: (meter, seen, reported) => `${meter}: Ihre Seite sah ${seen}, die App meldete ${reported}`,
  open: (day) => `Die App kann bis ${day} Belege zeigen. Tut sie es nicht, kommen die Token zu Ihnen zurück.`,
  shown: (tokens, day) =>
    `Die App hat ${tokens} belegt. Widersprechen Sie bis ${day}, wenn das nicht stimmt; sonst werden sie berechnet.`,
  contested: (day) =>
    `Sie haben widersprochen. Ein Mensch entscheidet bis ${day}; geschieht nichts, kommen die Token zurück.`,
  closed: (charged, returned) => `Es ist entschieden: ${charged} berechnet, ${returned} kamen zurück.`,
  evidence: "Was die App getan haben will",
  note: "Die App sagt dazu",
  reason: "Warum so entschieden wurde",
  accept: "Das stimmt, bezahlen",
  contest: "Widersprechen",
  contestLabel: "Was haben Sie gesehen?",
  contestHint: "Ein Mitarbeiter liest es, und auch die App. Höchstens 2.000 Zeichen.",
  contestMissing: "Schreiben Sie einen Satz, damit wir wissen, was wir ansehen sollen.",
  send: "Absenden",
  cancel: "Nicht jetzt",
  failed: "Der strittige Teil konnte nicht geladen werden. Ihre Token sind nicht betroffen.",
};

export const deSliceNews: typeof enSliceNews = (kind, data, count) => {
  const [app, tokens] = [String(data.providerName), count(Number(data.tokens ?? 0))];
  switch (kind) {
    case "slice_opened":
      return `${app} hat mehr gemeldet, als Ihre Seite gesehen hat. ${tokens} Token bleiben reserviert, bis entschieden ist.`;
    case "slice_shown":
      return `${app} hat ${tokens} strittige Token belegt. Sehen Sie auf dem Beleg nach und widersprechen Sie, wenn es nicht stimmt.`;
    case "slice_closed":
      return `Der strittige Teil einer Sitzung mit ${app} ist entschieden: ${count(Number(data.returnedTokens ?? 0))} Token kamen zurück.`;
    default:
      return null;
  }
};
