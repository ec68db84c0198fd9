using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Relay.Fleet.Contract;

namespace Relay.Admin.Http;

/// <summary>Which part of a list is asked for.</summary>
/// <param name="Limit">How many items at most, 1 to 1000.</param>
/// <param name="Cursor">Where it begins; null for the first part.</param>
internal sealed record Paging(int Limit, string? Cursor)
{
    /// <summary>Reads it off a query.</summary>
    public static Paging Read(QueryReader query) =>
        new(query.Integer(QueryParameter.Limit), query.Text(QueryParameter.Cursor));

    /// <summary>Reads it where a request asks for nothing else.</summary>
    public static Paging Read(HttpContext http)
    {
        var query = new QueryReader(http);
        var paging = Read(query);
        query.ThrowIfWrong();
        return paging;
    }

    /// <summary>The part of a list that the fleet gives as a whole, in order of its names.</summary>
    /// <exception cref="ProblemException">The cursor is not one.</exception>
    public Page<T> Part<T>(IReadOnlyList<T> all, Func<T, string> nameOf)
    {
        // The last name of the part before: the list may change between two parts, and nothing is given twice or left
        // out.
        var after = Cursor is null ? null : Decode(Cursor);
        var rest = all.Where(item => after is null || string.CompareOrdinal(nameOf(item), after) > 0)
            .OrderBy(nameOf, StringComparer.Ordinal).Take(Limit + 1).ToList();
        if (rest.Count <= Limit)
            return new Page<T>(rest, null);
        rest.RemoveAt(Limit);
        return new Page<T>(rest, Base64Url.EncodeToString(Encoding.UTF8.GetBytes(nameOf(rest[^1]))));
    }

    private static string Decode(string cursor)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(cursor.Length)];
        return Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw new ProblemException(
                Problem.Invalid(QueryParameter.Cursor.Name, "not from an earlier part of this list"));
    }
}
