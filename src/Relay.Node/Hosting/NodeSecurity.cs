using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Hosting.Files;
using Relay.Hosting.Options;
using Relay.Native.Tls;
using Relay.Native.Trust;
using Relay.Node.Credentials;
using Relay.Node.Options;
using Relay.Node.Streams;

namespace Relay.Node.Hosting;

/// <summary>What a node shows to clients and asks of them, loaded from files, and again when they change.</summary>
internal sealed class NodeSecurity
{
    private readonly TlsLibrary _library;
    private readonly FileGroup _certificates;
    private readonly FileGroup _credentials;
    private readonly bool _takesUsers;
    private readonly FileContents _firstCertificates;
    private readonly FileContents _firstCredentials;
    private readonly IssuedTokens? _issued;
    private readonly ClientTrust _trust;
    private readonly FileGroup _revoked;
    private readonly FileContents _firstRevoked;
    // The authorities of clients, for what is said of them; the last that could be used.
    private byte[]? _authorities;
    private string? _notice;

    private NodeSecurity(NodeConfig config)
    {
        _library = TlsLibraryChoice.Of(config.TlsLibrary).Library;
        _certificates = CertificateLoader.FilesOf(config);
        _credentials = CredentialLoader.FilesOf(config);
        _takesUsers = config.Fleet.UsersFile is not null;
        _firstCertificates = _certificates.Read();
        _firstCredentials = _credentials.Read();
        _revoked = ClientRevocation.FilesOf(config);
        var revoked = _revoked.Read();
        _firstRevoked = revoked.ToCompare();
        _authorities = _firstCertificates[2];
        _trust = new ClientTrust
        {
            TakesIntermediates = config.ClientAuthChain,
            HeldNames = config.ClientAuthIdentity.Kind,
            Revoked = ClientRevocation.Load(_revoked, revoked),
        };
        Identity = CertificateLoader.Load(_certificates, _firstCertificates, _library, _trust);
        _issued = config.Jwt is { } jwt ? new IssuedTokens(jwt) : null;
        // Its threads run as long as the process does.
        Authenticator = new Authenticator(
            Load(_firstCredentials),
            new VerificationQueue(threads: config.AuthBasicFile is null ? 0 : VerificationQueue.DefaultThreads),
            TimeProvider.System, _issued?.Authority,
            new VerificationQueue(threads: _issued is null ? 0 : 1, VerificationQueue.Tokens))
        {
            DeniedStatus = config.ChallengeStatus,
        };
    }

    /// <summary>The certificate to begin with.</summary>
    internal ServerIdentity Identity { get; }

    /// <summary>Decides on credentials.</summary>
    internal Authenticator Authenticator { get; }

    /// <summary>Reads every file.</summary>
    /// <exception cref="StartException">One cannot be used; the message names its option and why.</exception>
    internal static NodeSecurity Load(NodeConfig config) => new(config);

    /// <summary>Looks whether the node could show its certificate and judge those of clients.</summary>
    /// <param name="config">What the operator wants.</param>
    /// <param name="errors">Receives a line that names what is wrong, and those of certificates that end soon.</param>
    internal static void Examine(NodeConfig config, OptionErrors errors)
    {
        try
        {
            var library = TlsLibraryChoice.Of(config.TlsLibrary).Library;
            _ = NativeRuntime.Prepare(config.Workers, library);
            _ = PacketProtectionChoice.Of(config.PacketProtection, library);
            var files = CertificateLoader.FilesOf(config);
            var contents = files.Read();
            CertificateLoader.Load(files, contents, library, new ClientTrust()).Tls.Dispose();
            foreach (var notice in CertificateFile.Notices(files, contents, DateTimeOffset.UtcNow))
                errors.Warn(notice);
            var revoked = ClientRevocation.FilesOf(config);
            var lists = ClientRevocation.Load(revoked, revoked.Read());
            if (ClientRevocation.NoticeOf(lists, DateTimeOffset.UtcNow) is { } late)
                errors.Warn($"{revoked.Files[0]}: {late}");
            foreach (var notice in ClientRevocation.NoticesOf(revoked, lists, contents[2], config.ClientAuthChain))
                errors.Warn(notice);
        }
        catch (StartException e)
        {
            errors.Add(e.Message);
        }
    }

    /// <summary>Begins to watch the files for a server.</summary>
    /// <param name="server">What uses them.</param>
    /// <param name="configuration">The file of options, if there is one.</param>
    /// <param name="log">Where to say what was read.</param>
    internal Reloader Watch(RelayServer server, ConfigSource configuration, ILogger log)
    {
        CertificateFile.Warn(log, _certificates, _firstCertificates, DateTimeOffset.UtcNow);
        TellOfAuthorities(log);
        List<WatchedGroup> groups =
        [
            new(_certificates, _firstCertificates, contents =>
            {
                server.Use(CertificateLoader.Load(_certificates, contents, _library, _trust));
                CertificateFile.Warn(log, _certificates, contents, DateTimeOffset.UtcNow);
                _authorities = contents[2];
                TellOfAuthorities(log);
            }, () => TellOfRefused(log)),
        ];
        if (!_revoked.IsEmpty)
        {
            groups.Add(new WatchedGroup(
                _revoked, _firstRevoked, contents =>
                {
                    _trust.Revoked = ClientRevocation.Load(_revoked, contents);
                    TellOfAuthorities(log);
                },
                () => TellOfLate(log)));
        }
        if (!_credentials.IsEmpty)
        {
            groups.Add(new WatchedGroup(
                _credentials, _firstCredentials,
                contents => Authenticator.Use(Load(contents)!)));
        }
        if (_issued?.Begin(log) is { } keys)
            groups.Add(keys);
        if (PolicyReload.Watch(configuration, server.Policy, log) is { } policy)
            groups.Add(policy);
        return new Reloader(log, [.. groups]);
    }

    private CredentialSet? Load(FileContents contents) =>
        CredentialLoader.Load(_credentials, contents, takesIssued: _issued is not null, takesUsers: _takesUsers);

    /// <summary>Once for what is late, and once for what is over: a list that is not replaced is noticed by nobody else.</summary>
    private void TellOfLate(ILogger log)
    {
        var notice = ClientRevocation.NoticeOf(_trust.Revoked, DateTimeOffset.UtcNow);
        if (notice is not null && notice != _notice)
            Log.OfRevoked(log, $"{_revoked.Files[0]}: {notice}");
        _notice = notice;
    }

    private void TellOfAuthorities(ILogger log)
    {
        foreach (var notice in ClientRevocation.NoticesOf(_revoked, _trust.Revoked, _authorities, _trust.TakesIntermediates))
            Log.OfRevoked(log, notice);
    }

    private void TellOfRefused(ILogger log)
    {
        foreach (var reason in _trust.Reasons.Take(TimeSpan.FromMilliseconds(Environment.TickCount64)))
            Log.ClientsRefused(log, reason);
    }
}
