/** What an answer says, but for its own id and the word for the next page: those of two requests differ that find the same. */
export const said = <A extends { readonly recommendation_id: string; readonly next_page: string | null }>({
  recommendation_id: _,
  next_page: __,
  ...rest
}: A) => rest;
