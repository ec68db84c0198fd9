using System.Net;
using Relay.Fleet.Contract;
using Relay.Hosting.Files;
using Relay.Hosting.Options;

namespace Relay.Hosting.Fleet;

/// <summary>The options of <see cref="FleetHostConfig"/>.</summary>
public static class FleetHostOptions
{
    private const int MaxSeconds = 86_400;

    private static readonly SiloConfig Defaults = new();

    /// <summary>See <see cref="FleetHostConfig.Pools"/>.</summary>
    public static readonly OptionDefinition Pools = Single("--prefix-pools", "PATH",
        "JSON array of pools, {\"name\", \"prefix\", \"blockLength\"}: each that is not there yet is defined at start");

    /// <summary>See <see cref="FleetHostConfig.State"/>.</summary>
    public static readonly OptionDefinition State = Single("--state", "DIR",
        "Folder of what the fleet of --fleet local remembers over restarts; without it, the unit's StateDirectory, or memory");

    /// <summary>See <see cref="SiloConfig.ClusterId"/>.</summary>
    public static readonly OptionDefinition ClusterId = Single("--cluster-id", "NAME",
        "The fleet's name; coordinators and state of another name are not seen") with
    {
        DefaultText = Defaults.ClusterId,
    };

    /// <summary>See <see cref="SiloConfig.Redis"/>.</summary>
    public static readonly OptionDefinition Redis = Single("--redis", "HOST:PORT[,...]",
        "Clustering and state of the silo in Redis; without it, one silo with everything in memory");

    /// <summary>See <see cref="SiloConfig.RedisPasswordPath"/>.</summary>
    public static readonly OptionDefinition RedisPassword = Single("--redis-password-file", "PATH",
        "File of the password of Redis, in place of password= in --redis; read at each connection");

    /// <summary>See <see cref="SiloConfig.RedisAuthorityPath"/>.</summary>
    public static readonly OptionDefinition RedisAuthority = Single("--redis-ca", "PEM",
        "Who signs the certificates of Redis, if not an authority that the system trusts; with ssl=true in --redis, read at each connection");

    /// <summary>See <see cref="SiloConfig.RedisReplicas"/>.</summary>
    public static readonly OptionDefinition RedisReplicas = Single("--redis-replicas", "N",
        "So many replicas of Redis must have a grant, or a pool, before anybody is told of it") with
    {
        DefaultText = "0",
    };

    /// <summary>See <see cref="SiloConfig.Address"/>.</summary>
    public static readonly OptionDefinition SiloAddress = Single("--silo-address", "ADDR:PORT",
        "Where other silos reach this one; not for the internet; port 0 for a free one") with
    {
        DefaultText = Defaults.Address.ToString(),
    };

    /// <summary>See <see cref="FleetTimings.LeaseTime"/>.</summary>
    public static readonly OptionDefinition LeaseTime = Seconds("--lease-time-secs", Defaults.Timings.LeaseTime,
        "How long a granted block is its node's without being renewed; the node stops 20 s earlier");

    /// <summary>See <see cref="FleetTimings.NodeTimeout"/>.</summary>
    public static readonly OptionDefinition NodeTimeout = Seconds("--node-timeout-secs", Defaults.Timings.NodeTimeout,
        "A node that has not reported for this long is silent, and its sessions leave the directory");

    /// <summary>See <see cref="FleetTimings.Quarantine"/>.</summary>
    public static readonly OptionDefinition Quarantine = Seconds("--quarantine-secs", Defaults.Timings.Quarantine,
        "How long a block that was given back or lost is kept from others: at least the nodes' longest idle timeout");

    /// <summary>See <see cref="FleetTimings.LameTime"/>.</summary>
    public static readonly OptionDefinition LameTime = Seconds("--lame-time-secs", Defaults.Timings.LameTime,
        "How long a draining node still accepts, so that load balancers notice first");

    /// <summary>What is of silos alone.</summary>
    public static IReadOnlyList<OptionDefinition> OfSilo { get; } =
        [Redis, RedisPassword, RedisAuthority, RedisReplicas, SiloAddress, .. SiloTlsOptions.All];

    /// <summary>The times that the fleet agrees on.</summary>
    public static IReadOnlyList<OptionDefinition> Times { get; } = [LeaseTime, NodeTimeout, Quarantine, LameTime];

    /// <summary>All of them, in the order of help.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } = [Pools, State, ClusterId, .. OfSilo, .. Times];

    /// <summary>Reads them, or says all that stands against them.</summary>
    /// <param name="read">What was given.</param>
    /// <param name="openFile">Opens a file for reading.</param>
    /// <param name="isSilo">Whether the fleet is coordinated by grains.</param>
    /// <returns>The configuration; of no use if there are errors.</returns>
    public static FleetHostConfig Read(OptionReader read, Func<string, Stream> openFile, bool isSilo)
    {
        var config = new FleetHostConfig
        {
            IsSilo = isSilo,
            State = read.Text(State),
            Silo = new SiloConfig
            {
                ClusterId = ReadName(read, ClusterId) ?? Defaults.ClusterId,
                Redis = read.Text(Redis),
                RedisPasswordPath = read.Text(RedisPassword),
                RedisAuthorityPath = read.Text(RedisAuthority),
                RedisReplicas = read.Integer(RedisReplicas, Defaults.RedisReplicas, 0, 16),
                Address = read.Address(SiloAddress) ?? Defaults.Address,
                Timings = ReadTimings(read),
            },
            SiloTls = SiloTlsOptions.Read(read, openFile),
            Pools = ReadPools(read, openFile),
        };
        if (isSilo && config.Silo.Redis is not null && !read.IsGiven(SiloAddress))
            read.Fail(Redis, $"needs {SiloAddress.Name}, where the other silos reach this one");
        if (config.Silo.RedisReplicas > 0 && config.Silo.Redis is null)
            read.Fail(RedisReplicas, $"needs {Redis.Name}");
        CheckPassword(read, openFile, config.Silo);
        if (read.Content(RedisAuthority, openFile) is { } authority
            && CertificateFile.FaultOf(new NamedFile(RedisAuthority.Name, config.Silo.RedisAuthorityPath), authority) is { } fault)
            read.Fail(fault);
        if (config.Silo.RedisAuthorityPath is not null && config.Silo.Redis?.Contains("ssl=true", StringComparison.OrdinalIgnoreCase) != true)
            read.Fail(RedisAuthority, $"has no effect without ssl=true in {Redis.Name}");
        if (config.Silo.Address.Address.Equals(IPAddress.Any) || config.Silo.Address.Address.Equals(IPAddress.IPv6Any))
            read.Fail(SiloAddress, $"'{config.Silo.Address}' is not one address that other silos can reach");
        return config;
    }

    /// <summary>The name of a node or cluster, or null.</summary>
    public static string? ReadName(OptionReader read, OptionDefinition option)
    {
        if (read.Text(option) is not { } text)
            return null;
        if (FleetName.TryParse(text, out var name, out var error))
            return name;
        read.Fail(option, error);
        return null;
    }

    private static void CheckPassword(OptionReader read, Func<string, Stream> openFile, SiloConfig config)
    {
        if (read.Content(RedisPassword, openFile) is not { } password)
            return;
        if (password.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
            read.Fail(RedisPassword, $"'{config.RedisPasswordPath}': there is no password in it");
        if (config.Redis is not { } text)
            read.Fail(RedisPassword, $"needs {Redis.Name}");
        else if (text.Split(',').Any(static part => part.Trim().StartsWith("password=", StringComparison.OrdinalIgnoreCase)))
            read.Fail(RedisPassword, $"{Redis.Name} has a password, too");
    }

    private static FleetTimings ReadTimings(OptionReader read)
    {
        TimeSpan Read(OptionDefinition option, TimeSpan whenAbsent) =>
            read.Seconds(option, (int)whenAbsent.TotalSeconds, 0, MaxSeconds);
        var timings = new FleetTimings();
        timings = timings with
        {
            LeaseTime = Read(LeaseTime, timings.LeaseTime),
            NodeTimeout = Read(NodeTimeout, timings.NodeTimeout),
            Quarantine = Read(Quarantine, timings.Quarantine),
            LameTime = Read(LameTime, timings.LameTime),
        };
        // What follows from how long a node may be silent, and has no option of its own.
        timings = timings with
        {
            ReturnTime = Longer(timings.ReturnTime, timings.NodeTimeout),
            ForgetAfter = Longer(timings.ForgetAfter, timings.NodeTimeout),
        };
        // A fault is one of two times or more: it belongs to those that were given.
        var given = Times.Where(read.IsGiven).ToList();
        foreach (var fault in timings.Faults())
            read.Fail(given, fault);
        return timings;
    }

    private static IReadOnlyList<PrefixPool> ReadPools(OptionReader read, Func<string, Stream> openFile) =>
        read.Content(Pools, openFile) is { } content
            ? PoolsFile.Read(content, fault => read.Fail(Pools, $"'{read.Text(Pools)}': {fault}")) : [];

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static OptionDefinition Single(string name, string valueName, string description) =>
        OptionDefinition.Single(OptionGroup.Fleet, name, valueName, description);

    private static OptionDefinition Seconds(string name, TimeSpan whenAbsent, string description) =>
        OptionDefinition.Seconds(OptionGroup.Fleet, name, description, (int)whenAbsent.TotalSeconds);
}
