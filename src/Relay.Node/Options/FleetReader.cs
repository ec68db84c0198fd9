using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Relay.Admin.Hosting;
using Relay.Fleet.Contract;
using Relay.Hosting.Fleet;
using Relay.Hosting.Options;
using Relay.Node.Egress;
using Relay.Node.Users;

namespace Relay.Node.Options;

/// <summary>Makes a <see cref="FleetConfig"/> of options, or says all that stands against it.</summary>
internal sealed class FleetReader(
    GivenOptions options, OptionReader read, Func<string, Stream> openFile, OptionErrors errors)
{
    private bool _fleetIsUnderstood = true;

    /// <summary>Reads and compares the options.</summary>
    /// <param name="egress">The static part of the egress, which pools must leave room for.</param>
    /// <param name="hostName">The machine's name.</param>
    /// <returns>The configuration; of no use if there are errors.</returns>
    public FleetConfig Read(EgressConfig egress, string hostName)
    {
        var (mode, coordinators) = ReadFleet();
        var profiles = ProfileOptions.Read(read, openFile);
        var config = new FleetConfig
        {
            Mode = mode,
            Coordinators = coordinators,
            NodeId = FleetHostOptions.ReadName(read, FleetOptions.NodeId) ?? FleetName.Sanitize(hostName),
            AdvertiseAddresses = read.List<string>(FleetOptions.AdvertiseAddress, TryReadAdvertised),
            TokenFile = ReadFile(FleetOptions.TokenFile),
            AuthorityPath = ReadFile(FleetOptions.Authority),
            UsersFile = ReadUsers(),
            UsersMaxAge = read.Seconds(
                FleetOptions.UsersMaxAge, NodeDefaults.UsersMaxAge, NodeDefaults.UsersMaxAgeFloor, NodeDefaults.TimeoutCeiling),
            Pools = read.List<string>(FleetOptions.Pool, FleetName.TryParsePool),
            LeaseHook = read.Text(FleetOptions.LeaseHook),
            Host = FleetHostOptions.Read(read, openFile, mode == FleetMode.Silo),
            AdminAddress = read.Address(FleetOptions.AdminAddress),
            AdminTokenFile = ReadAdminTokens(),
            Profiles = profiles,
            Enrol = EnrolOptions.Read(
                read, openFile, profiles.Relay is not null, read.Text(OptionCatalog.TlsCertPath), read.Text(OptionCatalog.TlsPrivateKeyPath)),
        };
        // What is wrong with --fleet itself would make everything else seem out of place.
        if (_fleetIsUnderstood)
            Compare(config, egress);
        return config;
    }

    private void Compare(FleetConfig config, EgressConfig egress)
    {
        ComparePlaces(config);
        ComparePools(config, egress);
        // On its own machine a coordinator may do without tokens.
        if (config.Coordinators.Any(static uri => !uri.IsLoopback) && !read.IsGiven(FleetOptions.TokenFile))
            read.Fail(FleetOptions.Fleet, $"a coordinator needs a token: give {FleetOptions.TokenFile.Name}");
        if (config.AdminAddress is { } admin && !IPAddress.IsLoopback(admin.Address)
            && !read.IsGiven(FleetOptions.AdminTokenFile))
            read.Fail(FleetOptions.AdminAddress, $"'{admin}' is not loopback: {FleetOptions.AdminTokenFile.Name} is needed");
    }

    private void ComparePlaces(FleetConfig config)
    {
        const string Here = "needs --fleet local or silo";
        foreach (var (option, mode, need) in ((OptionDefinition, Func<FleetMode, bool>, string)[])
            [
                (FleetOptions.NodeId, IsFleet, "has no effect without --fleet"),
                (FleetOptions.AdvertiseAddress, IsFleet, "has no effect without --fleet"),
                (FleetOptions.TokenFile, IsJoin, "needs a URL in --fleet"),
                (FleetOptions.Authority, IsJoin, "needs a URL in --fleet"),
                (FleetOptions.UsersFile, IsFleet, "needs --fleet"),
                (FleetOptions.Pool, IsFleet, "needs --fleet"),
                (FleetHostOptions.Pools, static mode => mode is FleetMode.Local or FleetMode.Silo, Here),
                (FleetHostOptions.ClusterId, static mode => mode is FleetMode.Local or FleetMode.Silo, Here),
                (FleetHostOptions.State, static mode => mode == FleetMode.Local, "needs --fleet local"),
                .. FleetHostOptions.OfSilo.Select(static option => (
                    option, (Func<FleetMode, bool>)(static mode => mode == FleetMode.Silo), "needs --fleet silo")),
                .. FleetHostOptions.Times.Select(static option => (
                    option, (Func<FleetMode, bool>)(static mode => mode is FleetMode.Local or FleetMode.Silo), Here)),
                (FleetOptions.AdminAddress, static mode => mode is FleetMode.Local or FleetMode.Silo, Here),
            ])
        {
            if (read.IsGiven(option) && !mode(config.Mode))
                read.Fail(option, need);
        }
        Need(FleetOptions.LeaseHook, FleetOptions.Pool);
        Need(FleetOptions.UsersMaxAge, FleetOptions.UsersFile);
        foreach (var option in (OptionDefinition[])[FleetOptions.AdminTokenFile, .. ProfileOptions.All, EnrolOptions.Address])
            Need(option, FleetOptions.AdminAddress);
    }

    private void ComparePools(FleetConfig config, EgressConfig egress)
    {
        if (config.Pools.Length != config.Pools.Distinct(StringComparer.Ordinal).Count())
            read.Fail(FleetOptions.Pool, "a pool is given twice");
        if (config.Pools.Length > 2)
            read.Fail(FleetOptions.Pool,
                $"given {config.Pools.Length} times: there is one pool for IPv4 and one for IPv6 at most");
        // A name does not tell the family of its pool: what is certain is said here, the rest once there is a lease.
        var taken = (egress.HasIPv4Source || egress.IPv6Only ? 1 : 0) + (egress.HasIPv6Source || egress.IPv4Only
            ? 1 : 0);
        if (config.Pools.Length + taken > 2)
            read.Fail(FleetOptions.Pool, taken == 2
                ? "contradicts the outbound addresses: neither family is left for a pool"
                : "two pools contradict the outbound addresses: one family is left for a pool");
    }

    private static bool IsFleet(FleetMode mode) => mode != FleetMode.Off;

    private static bool IsJoin(FleetMode mode) => mode == FleetMode.Join;

    private (FleetMode Mode, ImmutableArray<Uri> Coordinators) ReadFleet()
    {
        var none = ImmutableArray<Uri>.Empty;
        if (options.Find(FleetOptions.Fleet) is not { } given)
            return (read.IsGiven(FleetOptions.AdminAddress) ? FleetMode.Local : FleetMode.Off, none);
        FleetMode? word = given.Texts[0].ToLowerInvariant() switch
        {
            "off" => FleetMode.Off,
            "local" => FleetMode.Local,
            "silo" => FleetMode.Silo,
            _ => null,
        };
        if (word is { } mode && given.Texts.Length == 1)
            return (mode, none);
        var before = errors.Lines.Count;
        var coordinators = read.List<Uri>(FleetOptions.Fleet, TryReadCoordinator);
        if (errors.Lines.Count == before && coordinators.Distinct().Count() < coordinators.Length)
            read.Fail(FleetOptions.Fleet, "a URL is given twice");
        _fleetIsUnderstood = errors.Lines.Count == before;
        return (FleetMode.Join, coordinators);
    }

    private static bool TryReadCoordinator(
        string text, [NotNullWhen(true)] out Uri? uri, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (text.ToLowerInvariant() is "off" or "local" or "silo")
        {
            uri = null;
            error = $"'{text}' stands alone: only a URL can be given more than once";
        }
        else if (!Uri.TryCreate(text, UriKind.Absolute, out uri) || uri.Scheme is not ("https" or "http"))
            error = $"'{text}' is not off, local, silo or an https:// URL";
        else if (uri.Scheme == "http" && !uri.IsLoopback)
            error = $"'{text}' would send the node's token in the clear: use https://";
        else if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            error = $"'{uri.Scheme}://{uri.Authority}' has more than a scheme, host, port and path";
        return error is null;
    }

    private static bool TryReadAdvertised(
        string text, [NotNullWhen(true)] out string? address, [NotNullWhen(false)] out string? error)
    {
        text = AddressText.Plain(text);
        address = text;
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        var hasPort =
            int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is >= 1 and <= 65535;
        error = hasPort && host is not ("" or ['[', ..]) && Uri.CheckHostName(host) is UriHostNameType.Dns
            or UriHostNameType.IPv4
            || hasPort && host is ['[', .., ']'] && Uri.CheckHostName(host) == UriHostNameType.IPv6
            ? null : $"'{text}' is not HOST:PORT, as in relay.example:443 or [2001:db8::1]:443";
        return error is null;
    }

    private string? ReadAdminTokens()
    {
        if (read.Content(FleetOptions.AdminTokenFile, openFile) is { } content
            && AdminHost.FaultOfTokenFile(content) is { } fault)
            read.Fail(FleetOptions.AdminTokenFile, $"'{read.Text(FleetOptions.AdminTokenFile)}': {fault}");
        return read.Text(FleetOptions.AdminTokenFile);
    }

    private string? ReadUsers()
    {
        if (read.Text(FleetOptions.UsersFile) is not { } path)
            return null;
        string? fault = null;
        try
        {
            using var stream = openFile(path);
            fault = UserFile.FaultOf(stream);
        }
        catch (FileNotFoundException)
        {
            // Not yet.
        }
        catch (DirectoryNotFoundException)
        {
            fault = "its folder does not exist";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            fault = $"cannot be read: {e.Message}";
        }
        if (fault is not null)
            read.Fail(FleetOptions.UsersFile, $"'{path}': {fault}");
        return path;
    }

    private string? ReadFile(OptionDefinition option)
    {
        if (read.Text(option) is not { } path)
            return null;
        FileAccessCheck.TryUse(path, openFile, static (_, _) => true, out var error);
        if (error is not null)
            read.Fail(option, error);
        return path;
    }

    private void Need(OptionDefinition option, OptionDefinition other)
    {
        if (read.IsGiven(option) && !read.IsGiven(other))
            read.Fail(option, $"has no effect without {other.Name}");
    }
}
