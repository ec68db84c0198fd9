using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Admin.Hosting;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Hosting.Files;
using Relay.Hosting.Fleet;
using Relay.Hosting.Logging;

namespace Relay.Admin.Options;

/// <summary>Makes a <see cref="ProgramConfig"/> of options, or says all that stands against it.</summary>
internal sealed class ProgramConfigReader(OptionValues values)
{
    private const int MaxClusterId = 63;
    private const int MaxSeconds = 86_400;

    /// <summary>Validates every option.</summary>
    /// <returns>The configuration; of no use if there are errors.</returns>
    public ProgramConfig Read()
    {
        var isSilo = ReadIsSilo();
        foreach (var option in (AdminOption[])[AdminOptions.Redis, AdminOptions.SiloAddress])
        {
            if (!isSilo && values.Find(option) is not null)
                values.Fail(option, "of no use without --fleet silo");
        }
        return new ProgramConfig
        {
            IsSilo = isSilo,
            Silo = ReadSilo(),
            Admin = ReadAdmin(),
            Pools = ReadPools(),
            LogFormat = ReadChoice(AdminOptions.LogFormat, "text", "text", "json") == "json" ? LogFormat.Json : LogFormat.Text,
            LogLevel = ReadChoice(
                AdminOptions.LogLevel, "info", "trace", "debug", "info", "warn", "error", "off") switch
            {
                "trace" => LogLevel.Trace,
                "debug" => LogLevel.Debug,
                "info" => LogLevel.Information,
                "warn" => LogLevel.Warning,
                "error" => LogLevel.Error,
                _ => LogLevel.None,
            },
        };
    }

    private bool ReadIsSilo() => ReadChoice(AdminOptions.Fleet, "local", "local", "silo") == "silo";

    private SiloConfig ReadSilo()
    {
        var silo = new SiloConfig { Redis = Text(AdminOptions.Redis), Timings = ReadTimings() };
        if (Text(AdminOptions.ClusterId) is { } name)
        {
            if (name.Length <= MaxClusterId
                && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                silo = silo with { ClusterId = name };
            else
                values.Fail(AdminOptions.ClusterId, $"'{name}' is not 1 to {MaxClusterId} letters, digits and -_.");
        }
        if (ReadAddress(AdminOptions.SiloAddress) is not { } address)
            return silo;
        if (address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
            values.Fail(AdminOptions.SiloAddress, $"'{address}' is not an address that other silos can reach");
        return silo with { Address = address };
    }

    private FleetTimings ReadTimings()
    {
        var defaults = new FleetTimings();
        var timings = defaults with
        {
            LeaseTime = ReadSeconds(AdminOptions.LeaseTime, defaults.LeaseTime),
            NodeTimeout = ReadSeconds(AdminOptions.NodeTimeout, defaults.NodeTimeout),
            Quarantine = ReadSeconds(AdminOptions.Quarantine, defaults.Quarantine),
            LameTime = ReadSeconds(AdminOptions.LameTime, defaults.LameTime),
        };
        // What follows from how long a node may be silent, and has no option of its own.
        timings = timings with
        {
            ReturnTime = Longer(timings.ReturnTime, timings.NodeTimeout),
            ForgetAfter = Longer(timings.ForgetAfter, timings.NodeTimeout),
        };
        foreach (var fault in timings.Faults())
            values.Fail("--lease-time-secs, --node-timeout-secs, --quarantine-secs, --lame-time-secs", fault);
        return timings;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private TimeSpan ReadSeconds(AdminOption option, TimeSpan otherwise)
    {
        if (Text(option) is not { } text)
            return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= MaxSeconds)
            return TimeSpan.FromSeconds(seconds);
        values.Fail(option, $"'{text}' is not a number of seconds, 0 to {MaxSeconds}");
        return otherwise;
    }

    private AdminConfig ReadAdmin()
    {
        var admin = new AdminConfig
        {
            TokenFile = Text(AdminOptions.TokenFile),
            TlsCertPath = Text(AdminOptions.TlsCertPath),
            TlsPrivateKeyPath = Text(AdminOptions.TlsPrivateKeyPath),
        };
        if (ReadAddress(AdminOptions.AdminAddress) is { } address)
            admin = admin with { Address = address };
        if (admin.TokenFile is null && !IPAddress.IsLoopback(admin.Address.Address))
            values.Fail(AdminOptions.AdminAddress,
                $"'{admin.Address}' is not loopback, and everybody could operate the fleet: give --admin-token-file");
        if (admin.TokenFile is { } tokens)
            values.Use(AdminOptions.TokenFile, tokens, content =>
            {
                if (!TokenTable.TryRead(content, out _, out var error))
                    values.Fail(AdminOptions.TokenFile, $"'{tokens}': {error}");
                return true;
            });
        CheckTls(admin);
        return admin;
    }

    private void CheckTls(AdminConfig admin)
    {
        if (admin.TlsCertPath is null != admin.TlsPrivateKeyPath is null)
        {
            var missing = admin.TlsCertPath is null ? AdminOptions.TlsCertPath : AdminOptions.TlsPrivateKeyPath;
            values.Fail(missing, "required with the other file of HTTPS");
        }
        var chain = admin.TlsCertPath is { } path
            ? values.Use(AdminOptions.TlsCertPath, path, static bytes => bytes)
            : null;
        var key = admin.TlsPrivateKeyPath is { } keyPath
            ? values.Use(AdminOptions.TlsPrivateKeyPath, keyPath, static bytes => bytes) : null;
        if (chain is null || key is null)
            return;
        try
        {
            TlsIdentity.Load(new FileContents([chain, key]));
        }
        catch (StartException e)
        {
            values.Fail(AdminOptions.TlsCertPath, e.Message);
        }
    }

    private IReadOnlyList<PrefixPool> ReadPools()
    {
        if (Text(AdminOptions.PrefixPools) is not { } path)
            return [];
        return values.Use(AdminOptions.PrefixPools, path, content => PoolsFile.Read(
            content, message => values.Fail(AdminOptions.PrefixPools, $"'{path}': {message}"))) ?? [];
    }

    private IPEndPoint? ReadAddress(AdminOption option)
    {
        if (Text(option) is not { } given)
            return null;
        var text = AddressText.Plain(given);
        // The framework reads more than dotted decimal as IPv4, octal among them, and takes an address without a port.
        var colon = text.LastIndexOf(':');
        if (colon > 0 && IPEndPoint.TryParse(text, out var address)
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port == address.Port && address.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
            return address;
        values.Fail(option, $"'{text}' is not a numeric ADDR:PORT, as in 127.0.0.1:8480 or [::1]:8480");
        return null;
    }

    private string ReadChoice(AdminOption option, string otherwise, params string[] choices)
    {
        if (Text(option)?.ToLowerInvariant() is not { } text)
            return otherwise;
        if (choices.Contains(text))
            return text;
        values.Fail(option, $"'{text}' is not one of {string.Join(", ", choices)}");
        return otherwise;
    }

    private string? Text(AdminOption option)
    {
        var text = values.Find(option);
        if (text is not { Length: 0 })
            return text;
        values.Fail(option, "empty");
        return null;
    }
}
