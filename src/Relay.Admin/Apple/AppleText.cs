using System.Text.RegularExpressions;

namespace Relay.Admin.Apple;

/// <summary>What texts of requests for profiles may be.</summary>
internal static partial class AppleText
{
    /// <summary>A text that people see, or that is put into XML: without control characters, and not empty.</summary>
    public static bool IsText(string text, int most) => text.Length > 0 && text.Length <= most && text.All(IsPlain);

    /// <summary>The same over several lines.</summary>
    public static bool IsLines(string text, int most) =>
        text.Length > 0 && text.Length <= most && text.All(static c => c == '\n' || IsPlain(c));

    /// <summary>A URL without a name and password, in ASCII.</summary>
    public static bool IsUrl(string? text, params string[] schemes) =>
        text is { Length: <= 2048 } && text.All(static c => c is > ' ' and <= '~')
        && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0
        && (schemes.Length == 0 ? uri.Scheme == "https" : schemes.Contains(uri.Scheme));

    /// <summary>An object identifier in dots.</summary>
    public static bool IsOid(string text) => text.Length <= 128 && Oid().IsMatch(text);

    /// <summary>The tag of a language (BCP 47), or <c>default</c>.</summary>
    public static bool IsLanguage(string text) => text.Length <= 35 && Language().IsMatch(text);

    /// <summary>The name of a field that a client may be told to send to a relay.</summary>
    public static bool IsHeaderName(string text) => text.Length <= 64 && HeaderName().IsMatch(text);

    /// <summary>What is wrong with the subject of a certificate; null for nothing.</summary>
    public static string? FaultOfSubject(IReadOnlyList<IReadOnlyList<string>> subject) =>
        subject.Count > 32 ? "more than 32 pairs"
        : subject.FirstOrDefault(static pair => pair.Count != 2 || !IsText(pair[1], 256)
            || !(pair[0] is "C" or "L" or "ST" or "O" or "OU" or "CN" || IsOid(pair[0]))) is not null
            ? "not pairs such as [\"CN\", \"alice\"], of C, L, ST, O, OU, CN or an OID" : null;

    /// <summary>A subject as Apple's schema has it: an array of sets of pairs.</summary>
    public static object[][][] SubjectOf(IReadOnlyList<IReadOnlyList<string>> subject) =>
        [.. subject.Select(static pair => (object[][])[[.. pair]])];

    /// <summary>A text that somebody else wrote, as XML can hold it.</summary>
    public static string Plain(string text) => new([.. text.Select(static c => IsPlain(c) ? c : '\uFFFD')]);

    private static bool IsPlain(char c) => !(char.IsControl(c) || char.IsSurrogate(c) || c is '\uFFFE' or '\uFFFF');

    [GeneratedRegex(@"^[0-2](\.(0|[1-9][0-9]*))+\z")]
    private static partial Regex Oid();

    [GeneratedRegex(@"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\z")]
    private static partial Regex Language();

    [GeneratedRegex(@"^[A-Za-z0-9!#$%&'*+.^_`|~-]+\z")]
    private static partial Regex HeaderName();
}
