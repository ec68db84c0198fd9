namespace Relay.Admin.Identity;

/// <summary>What a request, a connection or a report is counted to.</summary>
/// <param name="Kind">What it is of.</param>
/// <param name="Name">The name of the node or of the token; of a source that.</param>
/// <param name="Source">Where it comes from, where that makes another account of it; else empty.</param>
internal readonly record struct Account(AccountKind Kind, string Name, string Source = "");

/// <summary>What an account is of.</summary>
internal enum AccountKind
{
    /// <summary>Those for whom there is no account of their own any more.</summary>
    Others,

    /// <summary>A node.</summary>
    Node,

    /// <summary>A token.</summary>
    Token,

    /// <summary>A source address without a token.</summary>
    Source,
}
