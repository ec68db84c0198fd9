using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Ctl.Api;

namespace Relay.Ctl.Cli;

/// <summary>
/// The options of every command: which coordinator, who asks, and in which form the answer is wanted.
/// </summary>
internal sealed class ServerOptions(CtlEnvironment environment)
{
    private const string DefaultServer = "http://127.0.0.1:8480";
    private const int MaxTokenFile = 64 << 10;

    private readonly CtlOption<string?> _server = new("--server",
        $"The admin API's address; RELAY_ADMIN_URL, or {DefaultServer}, if left out.", "URL", alias: "-s");

    private readonly CtlOption<string?> _tokenFile = new("--token-file",
        "File that holds the bearer token; RELAY_ADMIN_TOKEN if left out. A token is never an argument, which "
            + "every user of the machine can see.", "PATH");

    private readonly CtlOption<string?> _ca = new("--ca",
        "File of the certificates to trust (PEM); the system's if left out.", "PATH");

    private readonly CtlOption<bool> _insecure = new("--insecure",
        "Send the token over http to another machine, where everybody in between can read it.");

    private readonly CtlOption<bool> _json = new("--json", "Write the API's JSON instead of a table.");

    /// <summary>Adds them to the root command.</summary>
    public void AddTo(Command root)
    {
        Option[] options = [_server, _tokenFile, _ca, _insecure, _json];
        foreach (var option in options)
            option.Recursive = true;
        root.Takes(options);
    }

    /// <summary>Whether JSON is wanted.</summary>
    public bool IsJson(ParseResult result) => result.GetValue(_json);

    /// <summary>Makes the client.</summary>
    /// <param name="result">What was typed.</param>
    /// <param name="timeout">How long an answer may take.</param>
    /// <exception cref="UsageException">An option is wrong; the message names it.</exception>
    public AdminClient Connect(ParseResult result, TimeSpan timeout)
    {
        var text = result.GetValue(_server) ?? NotEmpty(environment.Variable("RELAY_ADMIN_URL")) ?? DefaultServer;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https")
            || server.UserInfo.Length > 0 || server.Query.Length > 0 || server.Fragment.Length > 0)
            throw new UsageException($"--server: '{text}' is no address such as {DefaultServer}.");
        var token = ReadToken(result.GetValue(_tokenFile));
        if (token is not null && server.Scheme == "http" && !server.IsLoopback && !result.GetValue(_insecure))
            throw new UsageException(
                $"--server: the token would go to {server.Authority} unencrypted: use https, or --insecure if that is meant.");
        return new AdminClient(server, token, ReadCertificates(result.GetValue(_ca)), timeout);
    }

    private string? ReadToken(string? path)
    {
        var text = path is null
            ? environment.Variable("RELAY_ADMIN_TOKEN")
            : ReadFile("--token-file", path, MaxTokenFile);
        var token = NotEmpty(text?.Trim());
        if (token is null && path is not null)
            throw new UsageException($"--token-file: {path} is empty.");
        if (token?.Any(static c => c is <= ' ' or > '~') == true)
            throw new UsageException(path is null
                ? "RELAY_ADMIN_TOKEN is not one token of printable ASCII."
                : $"--token-file: {path} does not hold one token of printable ASCII.");
        return token;
    }

    private static X509Certificate2Collection? ReadCertificates(string? path)
    {
        if (path is null)
            return null;
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(ReadFile("--ca", path, 4 << 20));
        }
        catch (CryptographicException e)
        {
            throw new UsageException($"--ca: {path}: {e.Message}");
        }
        return certificates.Count > 0 ? certificates : throw new UsageException($"--ca: {path} holds no certificate.");
    }

    /// <summary>Reads a small file that an option names.</summary>
    /// <exception cref="UsageException">It cannot be read, or is too large.</exception>
    public static string ReadFile(string option, string path, int most)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true } file && file.Length > most)
                throw new UsageException($"{option}: {path} is larger than {most} bytes.");
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{option}: {e.Message}");
        }
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
