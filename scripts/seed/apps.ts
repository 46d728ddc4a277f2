// The apps a fresh clone shows: data only, read by the seed and by the demo provider, which serves each at /apps/<slug>.
// Between them they use every pricing model. Numbers are fixed: ids derive from them, so never reuse or change one.

import type { Category } from "../../domain/catalogue/categories.ts";
import type { PriceComponent } from "../../domain/pricing/components.ts";

export interface SeededApp {
  number: number;
  slug: string;
  name: string;
  category: Category;
  description: string;
  tags: string[];
  /** In a user's own words. */
  useCases: string[];
  pricing: PriceComponent[];
  /** Background of its letter mark; dark enough for white text. */
  accent: string;
  dataReceived?: string[];
  refundTerms?: string;
  regions?: string[];
  /** Set on the app that fails on purpose. */
  fails?: true;
}

const perUnit = (unit: string) => ({ model: "per_unit", unit }) as const;
const hourly = (unit: string): PriceComponent[] => [{ meter: "hour", price: perUnit(unit) }];

export const SEEDED_APPS: readonly SeededApp[] = [
  {
    number: 1,
    slug: "ai-writer-pro",
    name: "AI Writer Pro",
    category: "writing",
    description:
      "A quiet writing desk with an assistant that drafts, shortens and rephrases in your voice. You pay for the time you write and for nothing else.",
    tags: ["drafting", "editing", "ai"],
    useCases: [
      "write a blog post from my notes",
      "make this e-mail shorter and friendlier",
      "find a better opening for my essay",
      "rewrite a paragraph without changing what it says",
    ],
    pricing: hourly("500"),
    accent: "#3b4a6b",
    dataReceived: ["A random id that only this app knows you by"],
    refundTerms: "Time you did not use comes back at the end of every session.",
  },
  {
    number: 2,
    slug: "storyboard-studio",
    name: "Storyboard Studio",
    category: "video",
    description:
      "Turns a script into a board of drawn scenes. Time at the board and every scene are counted; the first four scenes are in the base price.",
    tags: ["storyboard", "film", "drawing"],
    useCases: [
      "sketch the shots of my short film",
      "show a client what the ad will look like",
      "plan a music video scene by scene",
    ],
    pricing: [
      { meter: "hour", price: perUnit("240") },
      { meter: "scene", price: { model: "hybrid", base: "20", included: "4", over: perUnit("6") }, holdPerHour: 20 },
    ],
    accent: "#7a3b2e",
    refundTerms: "Scenes that came out broken are given back when you ask within a day.",
  },
  {
    number: 3,
    slug: "background-eraser",
    name: "Background Eraser",
    category: "image",
    description:
      "Cuts people and products out of photos, hair and glass included. Three tokens a picture, no subscription.",
    tags: ["photos", "cut out", "shop"],
    useCases: [
      "remove the background of a photo",
      "make product pictures on white for my shop",
      "cut out a portrait for a passport",
    ],
    pricing: [{ meter: "image", price: perUnit("3"), holdPerHour: 60 }],
    accent: "#2f6b5f",
    dataReceived: ["The pictures you upload, deleted after an hour"],
  },
  {
    number: 4,
    slug: "subtitle-mill",
    name: "Subtitle Mill",
    category: "video",
    description:
      "Listens to a video and writes subtitles with timings. The more minutes in one go, the less each further one costs.",
    tags: ["subtitles", "captions", "transcript"],
    useCases: [
      "put subtitles on my video",
      "get a transcript of a recorded lecture",
      "caption a course for people who cannot hear it",
    ],
    pricing: [
      {
        meter: "video_minute",
        price: {
          model: "graduated",
          tiers: [
            { up_to: "10", unit: "4" },
            { up_to: "60", unit: "3" },
            { up_to: null, unit: "2" },
          ],
        },
        holdPerHour: 90,
      },
    ],
    accent: "#54406e",
  },
  {
    number: 5,
    slug: "flaky-lab",
    name: "Flaky Lab",
    category: "other",
    description:
      "Fails on purpose, so that you can see what a failure costs: nothing. Whatever it does, everything held comes back.",
    tags: ["test", "failure"],
    useCases: ["see what happens when an app breaks", "check that I get my tokens back"],
    pricing: [{ meter: "minute", price: perUnit("2") }],
    accent: "#8a2f3c",
    fails: true,
  },
  {
    number: 6,
    slug: "second-pair",
    name: "Second Pair",
    category: "code",
    description:
      "A pair programmer for the hard hour: reads the diff, finds the bug, explains why. Five tokens a minute.",
    tags: ["code review", "debugging", "programming"],
    useCases: [
      "find out why my test fails",
      "review my pull request before my colleagues do",
      "explain this function to me",
    ],
    pricing: [{ meter: "minute", price: perUnit("5") }],
    accent: "#24506b",
  },
  {
    number: 7,
    slug: "mailroom",
    name: "Mailroom",
    category: "marketing",
    description:
      "Personal mail to many people. The whole batch gets the price of its size: a thousand costs half as much each as a hundred.",
    tags: ["newsletter", "e-mail", "mailing"],
    useCases: [
      "send a newsletter to my members",
      "invite everyone to our opening",
      "write to old customers one by one",
    ],
    pricing: [
      {
        meter: "email",
        price: {
          model: "volume",
          tiers: [
            { up_to: "100", unit: "0.2" },
            { up_to: "1000", unit: "0.1" },
            { up_to: null, unit: "0.05" },
          ],
        },
        holdPerHour: 1200,
      },
    ],
    accent: "#6b5a24",
  },
  {
    number: 8,
    slug: "meeting-scribe",
    name: "Meeting Scribe",
    category: "productivity",
    description:
      "Sits in on a call and writes minutes, decisions and who does what. Counted in quarter hours, like a room.",
    tags: ["minutes", "calls", "notes"],
    useCases: ["write the minutes of our meeting", "list what we decided and who does it", "summarise a long call"],
    pricing: [{ meter: "minute", price: { model: "package", amount: "30", size: "15" } }],
    accent: "#3f6b3b",
    dataReceived: ["The sound of the call while the session runs"],
  },
  {
    number: 9,
    slug: "invoice-reader",
    name: "Invoice Reader",
    category: "finance",
    description:
      "Reads invoices and receipts into a table your accountant accepts. Five pages free in every session, then four tokens for each five.",
    tags: ["invoices", "receipts", "bookkeeping"],
    useCases: ["type my receipts into a spreadsheet for me", "get the totals out of a pile of PDF invoices"],
    pricing: [{ meter: "page", price: { model: "package", amount: "4", size: "5", free: "5" }, holdPerHour: 120 }],
    accent: "#2e5e4e",
  },
  {
    number: 10,
    slug: "data-janitor",
    name: "Data Janitor",
    category: "data",
    description:
      "Finds doubles, mends addresses and dates, and tells you every change it made. Counted in thousands of rows.",
    tags: ["spreadsheet", "cleaning", "csv"],
    useCases: [
      "remove duplicates from my customer list",
      "fix broken dates in a csv file",
      "clean a spreadsheet before an import",
    ],
    pricing: [
      {
        meter: "thousand_rows",
        price: {
          model: "graduated",
          tiers: [
            { up_to: "5", unit: "8", flat: "5" },
            { up_to: "50", unit: "5" },
            { up_to: null, unit: "2.5" },
          ],
        },
        holdPerHour: 40,
      },
    ],
    accent: "#45586b",
  },
  {
    number: 11,
    slug: "stall-keeper",
    name: "Stall Keeper",
    category: "sales",
    description:
      "A market stall on your phone: takes orders and prints receipts. One and a half per cent and two tokens an order, never more than 150.",
    tags: ["orders", "checkout", "market"],
    useCases: ["take orders at a market", "sell tickets at the door", "let people pay at my bake sale"],
    pricing: [
      {
        meter: "order_value",
        price: { model: "percentage", rate: "1.5", fixed: "2", max: "150" },
        holdPerHour: 20_000,
        holdEventsPerHour: 40,
      },
    ],
    accent: "#7a4a1f",
  },
  {
    number: 12,
    slug: "gift-jar",
    name: "Gift Jar",
    category: "finance",
    description:
      "Runs a collection for a cause and thanks everyone by name. The first part of what comes in costs three per cent, the rest less.",
    tags: ["donations", "fundraising", "charity"],
    useCases: ["collect money for our school trip", "run a fundraiser for the animal shelter"],
    pricing: [
      {
        meter: "collected",
        price: {
          model: "graduated_percentage",
          tiers: [
            { up_to: "5000", rate: "3" },
            { up_to: "20000", rate: "2" },
            { up_to: null, rate: "1" },
          ],
        },
        holdPerHour: 10_000,
      },
    ],
    accent: "#6b2f5a",
  },
  {
    number: 13,
    slug: "model-switchboard",
    name: "Model Switchboard",
    category: "code",
    description: "Sends each question to the model that answers it best and passes on exactly what that model costs.",
    tags: ["llm", "chat", "api"],
    useCases: ["compare answers of several models", "ask a big model only when a small one gives up"],
    pricing: [{ meter: "token", price: { model: "dynamic" }, holdPerHour: 600 }],
    accent: "#2b3f5c",
  },
  {
    number: 14,
    slug: "deck-polisher",
    name: "Deck Polisher",
    category: "design",
    description:
      "Brings a slide deck into one look: spacing, fonts, charts that say something. One price a session, take your time.",
    tags: ["slides", "presentation", "layout"],
    useCases: ["make my slides look decent by tomorrow", "turn a table into a chart people understand"],
    pricing: [{ meter: "hour", price: { model: "flat", amount: "150" } }],
    accent: "#8a4b2a",
    refundTerms: "The flat price is due once the session has started.",
  },
  {
    number: 15,
    slug: "contract-lens",
    name: "Contract Lens",
    category: "legal",
    description:
      "Reads a contract with you and marks what is unusual, missing or risky. By the hour, at least 60 tokens, never more than 1,200.",
    tags: ["contracts", "law", "review"],
    useCases: [
      "check a rental agreement before I sign",
      "what does this clause mean for me",
      "compare two versions of a contract",
    ],
    pricing: [{ meter: "hour", price: { model: "bounded", price: perUnit("900"), min: "60", max: "1200" } }],
    accent: "#4a3f35",
    dataReceived: ["The documents you open, never kept"],
    regions: ["EU", "UK"],
  },
  {
    number: 16,
    slug: "voice-forge",
    name: "Voice Forge",
    category: "audio",
    description:
      "Reads your text aloud in a voice you would listen to. Fifteen hundredths of a token for every second of speech.",
    tags: ["speech", "narration", "voice"],
    useCases: ["read my article aloud", "record the voice for an explainer video", "make an audio book of my story"],
    pricing: [{ meter: "speech_second", price: perUnit("0.15"), holdPerHour: 3000 }],
    accent: "#5a2f3f",
  },
  {
    number: 17,
    slug: "tutor-time",
    name: "Tutor Time",
    category: "education",
    description:
      "A patient tutor for maths and sciences. The first ten minutes of every session are free, then six tokens a minute.",
    tags: ["homework", "maths", "learning"],
    useCases: [
      "help me with my maths homework",
      "explain photosynthesis to a twelve year old",
      "prepare for my physics exam",
    ],
    pricing: [{ meter: "minute", price: { model: "hybrid", base: "0", included: "10", over: perUnit("6") } }],
    accent: "#2f5a7a",
  },
  {
    number: 18,
    slug: "render-barn",
    name: "Render Barn",
    category: "video",
    description:
      "Borrow a room full of graphics cards for a frame or a film. Cheaper the longer it runs, and a session never costs more than 2,500.",
    tags: ["3d", "rendering", "animation"],
    useCases: ["render my animation overnight", "get a still of my room design in good light"],
    pricing: [
      {
        meter: "gpu_minute",
        price: {
          model: "bounded",
          price: {
            model: "graduated",
            tiers: [
              { up_to: "30", unit: "12" },
              { up_to: "120", unit: "9" },
              { up_to: null, unit: "7" },
            ],
          },
          max: "2500",
        },
        holdPerHour: 120,
      },
    ],
    accent: "#3a3a5c",
  },
  {
    number: 19,
    slug: "pantry-chef",
    name: "Pantry Chef",
    category: "health",
    description: "Plans a week of meals from what you have and what you may eat, and writes the shopping list.",
    tags: ["cooking", "diet", "meal plan"],
    useCases: ["what can I cook with what is in my fridge", "plan meals without gluten for a week"],
    pricing: hourly("60"),
    accent: "#5c6b24",
  },
  {
    number: 20,
    slug: "chart-chemist",
    name: "Chart Chemist",
    category: "data",
    description: "Ask your table a question and get the chart that answers it, with the sentence to put under it.",
    tags: ["charts", "analysis", "statistics"],
    useCases: [
      "find out which product sells best on rainy days",
      "make a chart for my report",
      "explain these survey results",
    ],
    pricing: hourly("180"),
    accent: "#1f6b6b",
  },
  {
    number: 21,
    slug: "trip-sketcher",
    name: "Trip Sketcher",
    category: "travel",
    description:
      "Sketches trips day by day with trains, opening hours and rain plans. Twelve tokens a finished itinerary.",
    tags: ["itinerary", "holiday", "trains"],
    useCases: ["plan four days in Lisbon without a car", "find a weekend trip by train with children"],
    pricing: [{ meter: "itinerary", price: perUnit("12"), holdPerHour: 5 }],
    accent: "#2f6b8a",
  },
  {
    number: 22,
    slug: "cover-letterer",
    name: "Cover Letterer",
    category: "writing",
    description:
      "Reads the advert and your history and writes the letter between them. A small fee for the desk, then by the letter.",
    tags: ["job", "application", "cv"],
    useCases: ["write a cover letter for a job", "fit my cv to an advert"],
    pricing: [
      { meter: "hour", price: { model: "flat", amount: "20" } },
      { meter: "letter", price: perUnit("25"), holdPerHour: 4 },
    ],
    accent: "#4f3b6b",
  },
  {
    number: 23,
    slug: "hush",
    name: "Hush",
    category: "audio",
    description:
      "Takes hum, traffic and echo out of recordings and leaves the voice. The more minutes, the cheaper all of them.",
    tags: ["podcast", "noise", "cleanup"],
    useCases: ["remove the noise from my podcast", "make an old recording understandable"],
    pricing: [
      {
        meter: "audio_minute",
        price: {
          model: "volume",
          tiers: [
            { up_to: "30", unit: "2" },
            { up_to: "120", unit: "1.5" },
            { up_to: null, unit: "1" },
          ],
        },
        holdPerHour: 100,
      },
    ],
    accent: "#3b5c4a",
  },
  {
    number: 24,
    slug: "quiz-press",
    name: "Quiz Press",
    category: "education",
    description: "Makes quizzes out of any text, with answers and why the others are wrong. Half a token a question.",
    tags: ["quiz", "teaching", "exam"],
    useCases: ["make a quiz from this chapter", "write exam questions for my class"],
    pricing: [{ meter: "question", price: perUnit("0.5"), holdPerHour: 200 }],
    accent: "#6b3b24",
  },
  {
    number: 25,
    slug: "search-lantern",
    name: "Search Lantern",
    category: "marketing",
    description:
      "Looks at your site the way a search engine does and says what to change first. By the hour, and a token a checked page.",
    tags: ["seo", "website", "audit"],
    useCases: ["why does nobody find my website", "check my shop's pages for search engines"],
    pricing: [
      { meter: "hour", price: perUnit("200") },
      { meter: "page", price: perUnit("1"), holdPerHour: 150 },
    ],
    accent: "#7a5a1f",
  },
  {
    number: 26,
    slug: "help-desk-echo",
    name: "Help Desk Echo",
    category: "support",
    description:
      "Drafts answers to your customers from what you answered before. Time at a low rate, and what each draft really cost.",
    tags: ["customers", "answers", "tickets"],
    useCases: ["answer customer questions faster", "draft replies to complaints"],
    pricing: [
      { meter: "hour", price: perUnit("60") },
      { meter: "token", price: { model: "dynamic" }, holdPerHour: 200 },
    ],
    accent: "#2f4f8a",
  },
  {
    number: 27,
    slug: "sharpen",
    name: "Sharpen",
    category: "image",
    description:
      "Makes small pictures large without the mush. Two tokens a picture, and never more than 80 in a session.",
    tags: ["upscale", "photos", "print"],
    useCases: ["enlarge an old photo for printing", "make a blurry picture sharp"],
    pricing: [{ meter: "image", price: { model: "bounded", price: perUnit("2"), max: "80" }, holdPerHour: 100 }],
    accent: "#5a3a2f",
  },
  {
    number: 28,
    slug: "paper-trail",
    name: "Paper Trail",
    category: "research",
    description:
      "Finds the papers behind a claim, reads them, and tells you how good the evidence is, with page numbers.",
    tags: ["papers", "science", "sources"],
    useCases: [
      "is there evidence for this claim",
      "find studies about sleep and memory",
      "summarise five papers for me",
    ],
    pricing: hourly("320"),
    accent: "#3f3b5a",
  },
  {
    number: 29,
    slug: "plain-speech",
    name: "Plain Speech",
    category: "translation",
    description:
      "Translates letters and forms between 30 languages and explains the official words. Counted by the page.",
    tags: ["translate", "letters", "forms"],
    useCases: [
      "translate a letter from the tax office",
      "what does this form want from me",
      "put my menu into English",
    ],
    pricing: [{ meter: "page", price: perUnit("8"), holdPerHour: 12 }],
    accent: "#24605a",
  },
  {
    number: 30,
    slug: "dungeon-keeper",
    name: "Dungeon Keeper",
    category: "games",
    description:
      "A game master that never runs out of tavern names. Billed by the second, so a short break costs nothing.",
    tags: ["role play", "story", "fun"],
    useCases: ["play a fantasy adventure tonight", "invent a town for my role playing group"],
    pricing: [{ meter: "second", price: perUnit("0.02") }],
    accent: "#5c2424",
  },
];
