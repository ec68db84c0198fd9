namespace Relay.Admin.Http;

/// <summary>Which part of a list is asked for.</summary>
/// <param name="Limit">How many items at most, 1 to 1000.</param>
/// <param name="Cursor">Where it begins; null for the first part.</param>
internal sealed record Paging(int Limit, string? Cursor)
{
    /// <summary>Reads it off a query.</summary>
    public static Paging Read(QueryReader query) =>
        new(query.Integer(QueryParameter.Limit), query.Text(QueryParameter.Cursor));
}
