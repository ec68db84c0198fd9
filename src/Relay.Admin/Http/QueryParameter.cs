namespace Relay.Admin.Http;

/// <summary>A query parameter that a route takes: read, validated and documented by this one description.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">One sentence for the API's description.</param>
internal sealed record QueryParameter(string Name, string Description)
{
    /// <summary>The least number; null where it is no number.</summary>
    public int? Lowest { get; init; }

    /// <summary>The greatest number.</summary>
    public int? Highest { get; init; }

    /// <summary>What holds where it is absent.</summary>
    public int? Default { get; init; }

    /// <summary>The most characters of a text.</summary>
    public int MaxLength { get; init; } = 512;

    /// <summary>Whether it must be there.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether it may be there more than once.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>The format of a text, as JSON Schema names it.</summary>
    public string? Format { get; init; }

    /// <summary>The texts that it may be; null for any.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>What it may look like.</summary>
    public string? Example { get; init; }

    /// <summary>How many items a part of a list has at most.</summary>
    public static readonly QueryParameter Limit =
        new("limit", "How many items to answer with at most.") { Lowest = 1, Highest = 1000, Default = 100 };

    /// <summary>Where a part of a list begins.</summary>
    public static readonly QueryParameter Cursor =
        new("cursor", "Where to go on: `next` of the part before. Absent for the first part.") { MaxLength = 1024 };
}

/// <summary>The query parameters of a route.</summary>
/// <param name="Parameters">All of them: another one is an error.</param>
internal sealed record QueryParameters(params IReadOnlyList<QueryParameter> Parameters);
