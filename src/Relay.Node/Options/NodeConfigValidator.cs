using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Hosting.Credentials;
using Relay.Hosting.Logging;
using Relay.Node.Credentials;
using Relay.Node.Egress;
using Relay.Node.Targets;

namespace Relay.Node.Options;

/// <summary>Makes a <see cref="NodeConfig"/> of options, or says all that stands against it.</summary>
internal sealed class NodeConfigValidator(NodeOptions options, Func<string, Stream> openFile, OptionErrors errors)
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
            Workers = _read.Integer(OptionCatalog.Workers, NodeDefaults.Workers, 1, NodeDefaults.MaxWorkers),
            TlsCertPath = ReadFilePath(OptionCatalog.TlsCertPath),
            TlsPrivateKeyPath = ReadFilePath(OptionCatalog.TlsPrivateKeyPath),
            ClientAuthRootCertPath = NullIfEmpty(ReadFilePath(OptionCatalog.ClientAuthRootCertPath)),
            AuthBasicFile = ReadCredentialPath<PasswordHash>(OptionCatalog.AuthBasicFile, PasswordHash.TryParse),
            AuthBearerFile = ReadCredentialPath<TokenHash>(OptionCatalog.AuthBearerFile, TokenHash.TryParse),
            AllowTargets = _read.List<TargetRule>(OptionCatalog.AllowTarget, TargetRule.TryParse),
            DenyTargets = _read.List<TargetRule>(OptionCatalog.DenyTarget, TargetRule.TryParse),
            Egress = new EgressReader(options, _read, errors).Read(),
            MetricsAddress = ReadMetricsAddress(),
            LogLevel = ReadLogLevel(),
            LogFormat = ReadLogFormat(),
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

    private static string? NullIfEmpty(string path) => path.Length == 0 ? null : path;

    private string? ReadCredentialPath<T>(OptionDefinition option, CredentialFile.HashParser<T> parse)
        where T : class
    {
        if (_read.Text(option) is not { } path)
            return null;
        var fault = FileAccessCheck.TryUse(path, openFile, (_, stream) =>
        {
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return CredentialFile.TryRead(content.ToArray(), parse, out Dictionary<string, T>? _, out string? error)
                ? null : error;
        }, out string? unreadable);
        if ((unreadable ?? (fault is null ? null : $"'{path}' {fault}")) is { } message)
            errors.Add(option, options.Find(option), message);
        return path;
    }

    private NodeConfig ReadLimits(NodeConfig config)
    {
        int connections = ReadLimit(OptionCatalog.MaxConnections, NodeDefaults.MaxConnections);
        int tunnels = ReadLimit(OptionCatalog.MaxTunnels, NodeDefaults.MaxTunnels);
        return config with
        {
            MaxConnections = connections,
            MaxConnectionsPerSource = ReadPart(OptionCatalog.MaxConnectionsPerSource,
                NodeDefaults.MaxConnectionsPerSource, OptionCatalog.MaxConnections, connections),
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
        ClientIdleTimeout = _read.Seconds(OptionCatalog.ClientIdleTimeout, NodeDefaults.ClientIdleTimeout, 1),
        QuicIdleTimeout = _read.Seconds(OptionCatalog.QuicIdleTimeout, NodeDefaults.QuicIdleTimeout, 1),
        UdpIdleTimeout = _read.Seconds(OptionCatalog.UdpIdleTimeout, NodeDefaults.UdpIdleTimeout,
            NodeDefaults.UdpIdleTimeout, " (RFC 9298 §3.1: not lower than two minutes)"),
        TcpIdleTimeout = _read.Seconds(OptionCatalog.TcpIdleTimeout, NodeDefaults.TcpIdleTimeout, 0),
        TargetKeepalive = KeepaliveConfig.After(_read.Integer(
            OptionCatalog.TargetKeepalive, NodeDefaults.TargetKeepalive, 0, NodeDefaults.TargetKeepaliveCeiling)),
        ConnectTimeout = _read.Seconds(OptionCatalog.ConnectTimeout, NodeDefaults.ConnectTimeout, 1),
        UpstreamTimeout = _read.Seconds(OptionCatalog.UpstreamTimeout, NodeDefaults.UpstreamTimeout, 0),
        RelayShutdownDrainTimeout = _read.Seconds(
            OptionCatalog.RelayShutdownDrainTimeout, NodeDefaults.RelayShutdownDrainTimeout, 0),
        GracefulShutdownTimeout = _read.Seconds(
            OptionCatalog.GracefulShutdownTimeout, NodeDefaults.GracefulShutdownTimeout, 0),
    };

    private IPEndPoint? ReadMetricsAddress()
    {
        if (_read.Text(OptionCatalog.MetricsAddress) is not { } text)
            return null;
        if (!ListeningAddress.TryParse(text, out var address, out string? error))
            errors.Add(OptionCatalog.MetricsAddress, options.Find(OptionCatalog.MetricsAddress), error);
        return address;
    }

    private LogFormat ReadLogFormat()
    {
        switch (_read.Text(OptionCatalog.LogFormat)?.ToLowerInvariant())
        {
            case null or "text":
                return LogFormat.Text;
            case "json":
                return LogFormat.Json;
            case var text:
                errors.Add(OptionCatalog.LogFormat, options.Find(OptionCatalog.LogFormat),
                    $"'{text}' is not text or json");
                return LogFormat.Text;
        }
    }

    private bool ReadAccessLogTargets()
    {
        bool targets = _read.Flag(OptionCatalog.AccessLogTargets);
        if (targets && options.Find(OptionCatalog.AccessLog) is null)
            errors.Add(OptionCatalog.AccessLogTargets, options.Find(OptionCatalog.AccessLogTargets),
                $"of no use without {OptionCatalog.AccessLog.Name}");
        return targets;
    }

    private LogLevel ReadLogLevel()
    {
        string? text = _read.Text(OptionCatalog.LogLevel);
        switch (text?.ToLowerInvariant())
        {
            case "trace":
                return LogLevel.Trace;
            case "debug":
                return LogLevel.Debug;
            case null or "info":
                return LogLevel.Information;
            case "warn":
                return LogLevel.Warning;
            case "error":
                return LogLevel.Error;
            case "off":
                return LogLevel.None;
        }
        errors.Add(OptionCatalog.LogLevel, options.Find(OptionCatalog.LogLevel),
            $"'{text}' is not one of trace, debug, info, warn, error, off");
        return LogLevel.Information;
    }
}
