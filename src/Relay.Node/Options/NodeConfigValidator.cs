using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Relay.Hosting.Credentials;
using Relay.Hosting.Logging;
using Relay.Hosting.Options;
using Relay.Node.Credentials;
using Relay.Node.Egress;
using Relay.Node.Sessions;
using Relay.Node.Targets;
using Relay.Protocol;

namespace Relay.Node.Options;

/// <summary>Makes a <see cref="NodeConfig"/> of options, or says all that stands against it.</summary>
internal sealed class NodeConfigValidator(GivenOptions options, Func<string, Stream> openFile, OptionErrors errors)
{
    private readonly OptionReader _read = new(options, errors);

    /// <summary>Validates every option.</summary>
    /// <param name="reportMissing">Whether a required option that is not given is an error.</param>
    /// <returns>The configuration; of no use if there are errors.</returns>
    public NodeConfig Validate(bool reportMissing)
    {
        if (reportMissing)
            ReportMissing();
        var config = new NodeConfig
        {
            Addresses = ReadAddresses(),
            NoTcp = _read.Flag(OptionCatalog.NoTcp),
            AltSvcPort = ReadAltSvcPort(),
            Workers = _read.Integer(OptionCatalog.Workers, NodeDefaults.Workers, 1, NodeDefaults.MaxWorkers),
            TlsCertPath = ReadFilePath(OptionCatalog.TlsCertPath),
            TlsPrivateKeyPath = ReadFilePath(OptionCatalog.TlsPrivateKeyPath),
            ClientAuthRootCertPath = NullIfEmpty(ReadFilePath(OptionCatalog.ClientAuthRootCertPath)),
            ClientAuthChain = ReadOfCertificates(OptionCatalog.ClientAuthChain, _read.Flag),
            ClientAuthCrlPath = NullIfEmpty(ReadOfCertificates(OptionCatalog.ClientAuthCrlPath, ReadFilePath)),
            ClientAuthIdentity = ReadOfCertificates(OptionCatalog.ClientAuthIdentity, ReadCertificateNames),
            AuthBasicFile = ReadCredentialPath<PasswordHash>(OptionCatalog.AuthBasicFile, PasswordHash.TryParse),
            AuthBearerFile = ReadCredentialPath<TokenHash>(OptionCatalog.AuthBearerFile, TokenHash.TryParse),
            Jwt = new JwtConfigReader(_read, openFile).Read(),
            ChallengeStatus = _read.Choice(OptionCatalog.AuthChallengeStatus, "407", "401") == "401" ? 401 : 407,
            PacketProtection = _read.Choice(OptionCatalog.PacketProtection, "auto", "ipsec-mb", "library") switch
            {
                "ipsec-mb" => PacketProtectionMode.IpsecMb,
                "library" => PacketProtectionMode.Library,
                _ => PacketProtectionMode.Auto,
            },
            TlsLibrary = _read.Choice(OptionCatalog.TlsLibrary, "auto", "gnutls", "openssl") switch
            {
                "gnutls" => TlsLibraryMode.GnuTls,
                "openssl" => TlsLibraryMode.OpenSsl,
                _ => TlsLibraryMode.Auto,
            },
            UdpPathTemplates = _read.List<ConnectUdpTemplate>(
                OptionCatalog.UdpPathTemplate, ConnectUdpTemplate.TryParse),
            AllowUnanswered = _read.List<TargetRule>(OptionCatalog.AllowUnanswered, TargetRule.TryParse),
            AllowTargets = _read.List<TargetRule>(OptionCatalog.AllowTarget, TargetRule.TryParse),
            DenyTargets = _read.List<TargetRule>(OptionCatalog.DenyTarget, TargetRule.TryParse),
            Egress = new EgressReader(_read).Read(),
            MetricsAddress = _read.Address(OptionCatalog.MetricsAddress),
            MetricsTokenFile = ReadMetricsToken(),
            LogLevel = LogOptions.ReadLevel(_read),
            LogFormat = LogOptions.ReadFormat(_read),
            AccessLog = _read.Text(OptionCatalog.AccessLog),
            AccessLogTargets = ReadAccessLogTargets(),
        };
        config = config with
        {
            Fleet = new FleetReader(options, _read, openFile, errors).Read(config.Egress, Environment.MachineName),
        };
        return ReadTimeouts(ReadLimits(config));
    }

    private void ReportMissing()
    {
        foreach (var option in OptionCatalog.All.Where(option => option.Required && options.Find(option) is null))
        {
            string names = option.Alias is null ? option.Name : $"{option.Alias}, {option.Name}";
            errors.Add(option, null,
                $"required: give {names}, {option.EnvironmentVariable}, or \"{option.Key}\" in the file of --config");
        }
    }

    private ImmutableArray<IPEndPoint> ReadAddresses()
    {
        var addresses = _read.List<IPEndPoint>(OptionCatalog.Address, ListeningAddress.TryParse);
        foreach (var twice in addresses.GroupBy(address => address).Where(group => group.Count() > 1))
            errors.Add(OptionCatalog.Address, options.Find(OptionCatalog.Address), $"'{twice.Key}' is given twice");
        return addresses;
    }

    private int? ReadAltSvcPort()
    {
        if (_read.Text(OptionCatalog.AltSvc) is not { } text)
            return null;
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
            return 0;
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
            return port;
        _read.Fail(OptionCatalog.AltSvc, $"'{text}' is neither a port from 1 to 65535 nor off");
        return null;
    }

    private string? ReadMetricsToken()
    {
        var option = OptionCatalog.MetricsTokenFile;
        if (_read.IsGiven(option) && !_read.IsGiven(OptionCatalog.MetricsAddress))
            _read.Fail(option, $"has no effect without {OptionCatalog.MetricsAddress.Name}");
        if (_read.Content(option, openFile) is { } content && TokenHash.FaultOf(Encoding.UTF8.GetString(content).Trim()) is { } fault)
            _read.Fail(option, $"'{_read.Text(option)}': {fault}");
        return _read.Text(option);
    }

    private string ReadFilePath(OptionDefinition option)
    {
        if (_read.Text(option) is not { } path)
            return "";
        FileAccessCheck.TryUse(path, openFile, (_, _) => true, out string? error);
        if (error is null)
            return path;
        errors.Add(option, options.Find(option), error);
        return "";
    }

    /// <summary>What says something of clients' certificates is of no use where none are asked for.</summary>
    private T ReadOfCertificates<T>(OptionDefinition option, Func<OptionDefinition, T> read)
    {
        if (_read.IsGiven(option) && !_read.IsGiven(OptionCatalog.ClientAuthRootCertPath))
            _read.Fail(option, $"of no use without {OptionCatalog.ClientAuthRootCertPath.Name}");
        return read(option);
    }

    private CertificateNames ReadCertificateNames(OptionDefinition option)
    {
        var kind = _read.Choice(option, [.. CertificateNames.All.Select(static names => names.ToString())]);
        return CertificateNames.All.First(names => names.ToString() == kind);
    }

    private static string? NullIfEmpty(string path) => path.Length == 0 ? null : path;

    private string? ReadCredentialPath<T>(OptionDefinition option, CredentialFile.HashParser<T> parse)
        where T : class
    {
        if (_read.Text(option) is not { } path)
            return null;
        if (_read.Content(option, openFile) is { } content
            && !CredentialFile.TryRead(content, parse, out Dictionary<string, T>? _, out var fault))
            _read.Fail(option, $"'{path}' {fault}");
        return path;
    }

    private NodeConfig ReadLimits(NodeConfig config)
    {
        int connections = ReadLimit(OptionCatalog.MaxConnections, NodeDefaults.MaxConnections);
        int tunnels = ReadLimit(OptionCatalog.MaxTunnels, NodeDefaults.MaxTunnels);
        int lookups = _read.Integer(OptionCatalog.MaxLookups, NodeDefaults.MaxLookups, 1, NodeDefaults.LookupsCeiling);
        int requests = ReadLimit(OptionCatalog.MaxRequestsPerTurn, NodeDefaults.MaxRequestsPerTurn);
        return config with
        {
            MaxConnections = connections,
            MaxConnectionsPerSource = ReadPart(OptionCatalog.MaxConnectionsPerSource,
                NodeDefaults.MaxConnectionsPerSource, OptionCatalog.MaxConnections, connections),
            MaxTlsHandshakes = ReadLimit(OptionCatalog.MaxTlsHandshakes, NodeDefaults.MaxTlsHandshakes),
            MaxHeaderBytes = _read.Integer(OptionCatalog.MaxHeaderBytes, NodeDefaults.MaxHeaderBytes,
                NodeDefaults.MaxHeaderBytesFloor, NodeDefaults.MaxHeaderBytesCeiling),
            MaxHeaderFields = _read.Integer(OptionCatalog.MaxHeaderFields, NodeDefaults.MaxHeaderFields,
                NodeDefaults.MaxHeaderFieldsFloor, NodeDefaults.MaxHeaderFieldsCeiling),
            MaxResetsPerSecond = _read.Integer(OptionCatalog.MaxResetsPerSecond, NodeDefaults.MaxResetsPerSecond,
                1, NodeDefaults.FramesPerSecondCeiling),
            MaxControlFramesPerSecond = _read.Integer(OptionCatalog.MaxControlFramesPerSecond,
                NodeDefaults.MaxControlFramesPerSecond, 1, NodeDefaults.FramesPerSecondCeiling),
            MaxRequestsPerTurn = requests,
            MaxRequestsPerTurnPerConnection = ReadPart(OptionCatalog.MaxRequestsPerTurnPerConnection,
                NodeDefaults.MaxRequestsPerTurnPerConnection, OptionCatalog.MaxRequestsPerTurn, requests),
            QuicRetryThreshold = _read.Integer(OptionCatalog.QuicRetryThreshold,
                NodeDefaults.QuicRetryThreshold, 0, NodeDefaults.LimitCeiling),
            MaxUnacknowledgedBytes = _read.Integer(OptionCatalog.MaxUnacknowledgedBytes, NodeDefaults.MaxUnacknowledgedBytes,
                NodeDefaults.MaxUnacknowledgedFloor, NodeDefaults.MaxUnacknowledgedCeiling),
            MaxLookups = lookups,
            MaxLookupsPerSource = ReadPart(OptionCatalog.MaxLookupsPerSource,
                NodeDefaults.MaxLookupsPerSource, OptionCatalog.MaxLookups, lookups),
            MaxUnansweredDatagrams = _read.Integer(OptionCatalog.MaxUnansweredDatagrams,
                NodeDefaults.MaxUnansweredDatagrams, 1, NodeDefaults.UnansweredCeiling),
            MaxUnansweredDatagramsPerSecond = _read.Integer(OptionCatalog.MaxUnansweredDatagramsPerSecond,
                NodeDefaults.MaxUnansweredDatagramsPerSecond, 1, NodeDefaults.UnansweredCeiling),
            MaxTunnels = tunnels,
            MaxTunnelsPerConnection = ReadPart(OptionCatalog.MaxTunnelsPerConnection,
                NodeDefaults.MaxTunnelsPerConnection, OptionCatalog.MaxTunnels, tunnels),
        };
    }

    private int ReadLimit(OptionDefinition option, int whenAbsent) =>
        _read.Integer(option, whenAbsent, 1, NodeDefaults.LimitCeiling);

    // A part above its whole could never bite, so whoever wrote it meant something else. A default just gives way.
    private int ReadPart(OptionDefinition option, int whenAbsent, OptionDefinition wholeOption, int whole)
    {
        int part = ReadLimit(option, Math.Min(whenAbsent, whole));
        if (part > whole)
            errors.Add(option, options.Find(option), $"{part} is above {wholeOption.Name}, which is {whole}");
        return part;
    }

    private NodeConfig ReadTimeouts(NodeConfig config) => config with
    {
        HandshakeTimeout = ReadSeconds(OptionCatalog.HandshakeTimeout, NodeDefaults.HandshakeTimeout, 1),
        RequestTimeout = ReadSeconds(OptionCatalog.RequestTimeout, NodeDefaults.RequestTimeout, 1),
        ClientIdleTimeout = ReadSeconds(OptionCatalog.ClientIdleTimeout, NodeDefaults.ClientIdleTimeout, 1),
        QuicIdleTimeout = ReadSeconds(OptionCatalog.QuicIdleTimeout, NodeDefaults.QuicIdleTimeout, 1),
        UdpIdleTimeout = ReadSeconds(OptionCatalog.UdpIdleTimeout, NodeDefaults.UdpIdleTimeout,
            NodeDefaults.UdpIdleTimeout, " (RFC 9298 §3.1: not lower than two minutes)"),
        TcpIdleTimeout = ReadSeconds(OptionCatalog.TcpIdleTimeout, NodeDefaults.TcpIdleTimeout, 0),
        TargetKeepalive = KeepaliveConfig.After(_read.Integer(
            OptionCatalog.TargetKeepalive, NodeDefaults.TargetKeepalive, 0, NodeDefaults.TargetKeepaliveCeiling)),
        ConnectTimeout = ReadSeconds(OptionCatalog.ConnectTimeout, NodeDefaults.ConnectTimeout, 1),
        UpstreamTimeout = ReadSeconds(OptionCatalog.UpstreamTimeout, NodeDefaults.UpstreamTimeout, 0),
        RelayShutdownDrainTimeout = ReadSeconds(
            OptionCatalog.RelayShutdownDrainTimeout, NodeDefaults.RelayShutdownDrainTimeout, 0),
        GracefulShutdownTimeout = ReadSeconds(
            OptionCatalog.GracefulShutdownTimeout, NodeDefaults.GracefulShutdownTimeout, 0),
    };

    private bool ReadAccessLogTargets()
    {
        bool targets = _read.Flag(OptionCatalog.AccessLogTargets);
        if (targets && options.Find(OptionCatalog.AccessLog) is null)
            errors.Add(OptionCatalog.AccessLogTargets, options.Find(OptionCatalog.AccessLogTargets),
                $"of no use without {OptionCatalog.AccessLog.Name}");
        return targets;
    }

    private TimeSpan ReadSeconds(OptionDefinition option, int whenAbsent, int lowest, string whyLowest = "") =>
        _read.Seconds(option, whenAbsent, lowest, NodeDefaults.TimeoutCeiling, whyLowest);
}
