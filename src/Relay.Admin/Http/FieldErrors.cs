namespace Relay.Admin.Http;

/// <summary>What is wrong with the fields of a request: all of it, so that a client mends it in one go.</summary>
internal sealed class FieldErrors
{
    /// <summary>More are not told: what is that wrong is not mended field by field.</summary>
    public const int MaxFields = 64;

    private readonly SortedDictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>The fields that something is wrong with.</summary>
    public IEnumerable<string> Fields => _errors.Keys;

    /// <summary>Notes what is wrong with a field, as JSON or the query names it.</summary>
    public void Add(string field, string message)
    {
        if (_errors.TryGetValue(field, out var messages))
            messages.Add(message);
        else if (_errors.Count < MaxFields)
            _errors[field] = [message];
    }

    /// <summary>One sentence for all of them.</summary>
    public string Summary => string.Join("; ", _errors.Take(8).Select(static e => $"{Name(e.Key)}: {e.Value[0]}"));

    /// <summary>Ends the handling of the request, if something is wrong.</summary>
    /// <exception cref="ProblemException">Something is.</exception>
    public void ThrowIfAny()
    {
        if (!IsEmpty)
            throw new ProblemException(Problem.Invalid(this));
    }

    /// <summary>The messages by field.</summary>
    public Dictionary<string, string[]> ToDictionary() =>
        _errors.ToDictionary(static e => e.Key, static e => e.Value.ToArray(), StringComparer.Ordinal);

    private static string Name(string field) => field.Length == 0 ? "the body" : field;
}
