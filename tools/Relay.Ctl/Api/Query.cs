namespace Relay.Ctl.Api;

/// <summary>Makes the query of a request.</summary>
internal static class Query
{
    /// <summary>A path with a query of those parameters that have a value.</summary>
    public static string Of(string path, params IEnumerable<(string Name, string? Value)> parameters)
    {
        var query = string.Join('&', parameters.Where(static p => p.Value is not null)
            .Select(static p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}"));
        return query.Length == 0 ? path : $"{path}?{query}";
    }
}
