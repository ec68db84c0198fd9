using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Relay.Admin.Http;

/// <summary>Reads the query of a request. What is wrong is gathered, unknown parameters among it.</summary>
internal sealed class QueryReader
{
    private readonly IQueryCollection _query;
    private readonly FieldErrors _errors = new();

    /// <summary>Takes a request's query, and looks for what its route does not know.</summary>
    public QueryReader(HttpContext http)
    {
        _query = http.Request.Query;
        var known = http.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>()?.Parameters ?? [];
        foreach (var (name, values) in _query)
        {
            // IQueryCollection compares names without regard to case; ours are as they are written.
            var parameter = known.FirstOrDefault(parameter => parameter.Name == name);
            if (parameter is null)
                _errors.Add(name, "unknown query parameter");
            else if (values.Count > 1 && !parameter.IsRepeatable)
                _errors.Add(name, $"given {values.Count} times, but takes one value");
        }
        foreach (var parameter in known)
        {
            if (parameter.IsRequired && !_query.ContainsKey(parameter.Name))
                _errors.Add(parameter.Name, "required");
        }
    }

    /// <summary>What is wrong so far.</summary>
    public FieldErrors Errors => _errors;

    /// <summary>A text that is not empty, or null.</summary>
    public string? Text(QueryParameter parameter) => Texts(parameter) is [var text, ..] ? text : null;

    /// <summary>All texts of a repeatable parameter.</summary>
    public IReadOnlyList<string> Texts(QueryParameter parameter)
    {
        if (!_query.TryGetValue(parameter.Name, out var values))
            return [];
        var texts = new List<string>(values.Count);
        foreach (var text in values)
        {
            if (string.IsNullOrEmpty(text))
                _errors.Add(parameter.Name, "empty");
            else if (text.Length > parameter.MaxLength)
                _errors.Add(parameter.Name, $"longer than {parameter.MaxLength} characters");
            else if (parameter.Choices is { } choices && !choices.Contains(text))
                _errors.Add(parameter.Name, $"none of {string.Join(", ", choices)}");
            else
                texts.Add(text);
        }
        return texts;
    }

    /// <summary>A whole number within the parameter's bounds.</summary>
    public int Integer(QueryParameter parameter)
    {
        var otherwise = parameter.Default ?? parameter.Lowest ?? 0;
        if (Text(parameter) is not { } text)
            return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= parameter.Lowest && number <= parameter.Highest)
            return number;
        _errors.Add(parameter.Name, $"not a whole number from {parameter.Lowest} to {parameter.Highest}");
        return otherwise;
    }

    /// <summary>A point in time (RFC 3339), or null.</summary>
    public DateTimeOffset? Time(QueryParameter parameter)
    {
        if (Text(parameter) is not { } text)
            return null;
        if (DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text.Contains('T'))
            return time;
        _errors.Add(parameter.Name, "not a time such as 2026-01-31T12:00:00Z");
        return null;
    }

    /// <summary>Ends the handling of the request, if something is wrong.</summary>
    /// <exception cref="ProblemException">Something is.</exception>
    public void ThrowIfWrong() => _errors.ThrowIfAny();
}
