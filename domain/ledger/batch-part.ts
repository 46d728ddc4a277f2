// One kind of operations as a part of a D1 batch, so that different kinds can share one.

export interface BatchPart<Answer> {
  statements: D1PreparedStatement[];
  /** One answer an operation, in order, from the results of `statements`. */
  answers: (results: D1Result[]) => Answer[];
}

/** Rows of one result; the caller wrote the statement and knows its columns. */
export const rowsOf = <Row>(result: D1Result | undefined): Row[] => (result?.results ?? []) as Row[];

/**
 * A list of operations, bound as one JSON parameter, as the rows `op` of a statement: `op.value->>'member'`. Each is parsed
 * once; read straight from `json_each`, its text is made and looked through anew for every member, which cost more than the row.
 */
export const OPERATIONS = "WITH op AS MATERIALIZED (SELECT jsonb(value) AS value FROM json_each(?1))";
