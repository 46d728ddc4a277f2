// The areas of the operators' pages, in the order they are shown. An area adds its line here, its words to
// locales/*-operator.ts under `operator.areas`, and its page below routes/(app)/operator.

export interface OperatorArea {
  /** Its name in `operator.areas` and in its address. */
  name: string;
}

export const OPERATOR_AREAS: OperatorArea[] = [
  { name: "books" },
  { name: "complaints" },
  { name: "disputes" },
  { name: "debts" },
  { name: "slices" },
  { name: "reviews" },
  { name: "listings" },
  { name: "grants" },
  { name: "referrals" },
  { name: "onboarding" },
  { name: "revenue" },
  { name: "selling" },
];

export const areaHref = ({ name }: OperatorArea): string => `/operator/${name}`;
