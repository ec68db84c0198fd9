using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Relay.Fleet.Contract;

/// <summary>What names may be: they go into addresses, keys and logs.</summary>
public static class Names
{
    private static readonly SearchValues<char> OfNode = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");
    private static readonly SearchValues<char> OfUser = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-@+");
    private static readonly SearchValues<char> OfOperation =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The longest name of a node or a pool.</summary>
    public const int MaxLength = 63;

    /// <summary>What a node's name is, to be shown to users.</summary>
    public const string NodeRule =
        "1 to 63 of a-z, 0-9, - and ., with a letter or digit at both ends and no two dots in a row";

    /// <summary>What a pool's name is, to be shown to users.</summary>
    public const string PoolRule = "1 to 63 of a-z, 0-9 and -, with a letter or digit at both ends";

    /// <summary>The longest name of a user.</summary>
    public const int MaxUserLength = 64;

    /// <summary>What a user's name is, to be shown to users.</summary>
    public const string UserRule = "1 to 64 of a-z, 0-9 and . _ - @ +, with a letter or digit at both ends";

    /// <summary>Whether it is a node's name by <see cref="NodeRule"/>.</summary>
    public static bool IsNode([NotNullWhen(true)] string? name) =>
        name is { Length: >= 1 and <= MaxLength } && !name.AsSpan().ContainsAnyExcept(OfNode)
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
        && !name.Contains("..", StringComparison.Ordinal);

    /// <summary>Whether it is a pool's name by <see cref="PoolRule"/>.</summary>
    public static bool IsPool([NotNullWhen(true)] string? name) => IsNode(name) && !name.Contains('.');

    /// <summary>Whether a node's name may have a character in it.</summary>
    public static bool IsOfNode(char c) => OfNode.Contains(c);

    /// <summary>A number that follows from a name, the same in every version of the program: FNV-1a.</summary>
    public static uint HashOf(string name)
    {
        var hash = 2166136261u;
        foreach (var character in name)
            hash = (hash ^ character) * 16777619u;
        return hash;
    }

    /// <summary>
    /// Whether it is a user's name by <see cref="UserRule"/>. It has no colon, which ends a user-id of Basic (RFC 7617 §2), and no
    /// upper case, so that no two names differ by that alone.
    /// </summary>
    public static bool IsUser([NotNullWhen(true)] string? name) =>
        name is { Length: >= 1 and <= MaxUserLength }
        && !name.AsSpan().ContainsAnyExcept(OfUser)
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1]);

    /// <summary>An operation's id: 1 to 64 of <c>A-Z a-z 0-9 - _</c>.</summary>
    public static bool IsOperation(string? name) =>
        name is { Length: >= 1 and <= 64 } && !name.AsSpan().ContainsAnyExcept(OfOperation);

    /// <summary>An identity: 1 to 256 characters without control characters.</summary>
    public static bool IsIdentity(string? name) => IsText(name, 256) && name!.Length > 0;

    /// <summary>A text for people: no longer than allowed, without control characters.</summary>
    public static bool IsText(string? text, int most) =>
        text is not null && text.Length <= most
        && !text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f');
}
