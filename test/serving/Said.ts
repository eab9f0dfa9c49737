/** What an answer says, without the id by which it alone is known. */
export const said = <A extends { readonly recommendation_id: string }>({ recommendation_id: _, ...rest }: A) => rest;
