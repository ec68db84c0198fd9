using System.CommandLine;

namespace Relay.Ctl.Cli;

/// <summary><c>--authorization-file</c>: what a client is to show to the relay, which the result then holds.</summary>
internal sealed class AuthorizationOption() : CtlOption<string?>("--authorization-file",
    "File that holds what each request to the relay is authorized with: a token, 'Bearer \u2026' or 'Basic \u2026'; - for standard input. The "
        + "result then holds a secret.", "PATH")
{
    private const int MaxLength = 8 << 10;

    /// <summary>The value of an Authorization field; null where none is wanted.</summary>
    /// <exception cref="UsageException">It cannot be read, or is none.</exception>
    public async Task<string?> ReadAsync(CtlContext context, ParseResult result, CancellationToken cancellation)
    {
        if (result.GetValue(this) is not { } path)
            return null;
        var text = (await context.ReadAsync(Name, path, MaxLength, cancellation).ConfigureAwait(false)).Trim();
        if (text.Length == 0 || text.Any(static c => c is < ' ' or > '~'))
            throw new UsageException($"{Name}: {path} does not hold one line of printable ASCII.");
        if (!text.Contains(' '))
            return $"Bearer {text}";
        return text.StartsWith("Bearer ", StringComparison.Ordinal) || text.StartsWith("Basic ", StringComparison.Ordinal)
            ? text : throw new UsageException($"{Name}: {path} holds neither a token nor Bearer or Basic credentials.");
    }
}
