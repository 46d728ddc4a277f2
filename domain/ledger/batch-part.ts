// One kind of operations as a part of a D1 batch, so that different kinds can share one.

export interface BatchPart<Answer> {
  statements: D1PreparedStatement[];
  /** One answer an operation, in order, from the results of `statements`. */
  answers: (results: D1Result[]) => Answer[];
}

/** Rows of one result; the caller wrote the statement and knows its columns. */
export const rowsOf = <Row>(result: D1Result | undefined): Row[] => (result?.results ?? []) as Row[];
