using System.Text.Json;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Firefox;

/// <summary>A profile that trusts the test's authority and does nothing on the network by itself.</summary>
internal static class FirefoxProfile
{
    private static readonly Dictionary<string, object> Preferences = new()
    {
        // The remote control takes any free port and says which.
        ["marionette.port"] = 0,
        ["remote.prefs.recommended"] = true,

        // A namespace with a loopback interface alone looks like a machine that is offline.
        ["network.manage-offline-status"] = false,
        ["network.connectivity-service.enabled"] = false,
        ["network.captive-portal-service.enabled"] = false,

        // HTTP/3 is otherwise given up as soon as an authority of the user's own is found.
        ["network.http.http3.disable_when_third_party_roots_found"] = false,
        ["network.dns.localDomains"] = "relay.test",
        ["network.dns.disableIPv6"] = true,
        ["network.trr.mode"] = 5,
        ["network.proxy.type"] = 0,
        ["network.proxy.allow_hijacking_localhost"] = true,

        // Everything that would speak to the vendor, or open a connection nobody asked for.
        ["app.update.disabledForTesting"] = true,
        ["app.normandy.enabled"] = false,
        ["app.shield.optoutstudies.enabled"] = false,
        ["browser.safebrowsing.downloads.remote.enabled"] = false,
        ["browser.safebrowsing.malware.enabled"] = false,
        ["browser.safebrowsing.phishing.enabled"] = false,
        ["browser.shell.checkDefaultBrowser"] = false,
        ["browser.startup.homepage_override.mstone"] = "ignore",
        ["browser.startup.page"] = 0,
        ["browser.newtabpage.enabled"] = false,
        ["browser.region.update.enabled"] = false,
        ["browser.search.update"] = false,
        ["browser.topsites.contile.enabled"] = false,
        ["datareporting.healthreport.uploadEnabled"] = false,
        ["datareporting.policy.dataSubmissionEnabled"] = false,
        ["dom.push.connection.enabled"] = false,
        ["dom.security.https_only_mode"] = false,
        ["extensions.blocklist.enabled"] = false,
        ["extensions.getAddons.cache.enabled"] = false,
        ["extensions.systemAddon.update.enabled"] = false,
        ["extensions.update.enabled"] = false,
        ["media.gmp-manager.updateEnabled"] = false,
        ["network.dns.disablePrefetch"] = true,
        ["network.http.speculative-parallel-limit"] = 0,
        ["network.predictor.enabled"] = false,
        ["network.prefetch-next"] = false,
        ["security.OCSP.enabled"] = 0,
        ["services.settings.server"] = "https://localhost:1/nothing",
        ["toolkit.telemetry.enabled"] = false,
        ["toolkit.telemetry.server"] = "https://localhost:1/nothing",
        ["toolkit.telemetry.unified"] = false,
    };

    /// <summary>Finds the program that writes certificate databases, or skips the test.</summary>
    public static string RequireInstalled() => InstalledProgram.Require("certutil", "libnss3-tools");

    /// <summary>Makes the profile in an empty folder.</summary>
    public static async Task CreateAsync(
        ScratchFolder folder, TestAuthority authority, IReadOnlyDictionary<string, object> preferences)
    {
        var all = preferences.Concat(Preferences.Where(one => !preferences.ContainsKey(one.Key)));
        folder.Write("user.js", string.Concat(all.Select(one =>
            $"user_pref({JsonSerializer.Serialize(one.Key)}, {JsonSerializer.Serialize(one.Value)});\n")));

        var certutil = RequireInstalled();
        var database = $"sql:{folder.Path}";
        await RunAsync(certutil, ["-N", "-d", database, "--empty-password"]);
        await RunAsync(
            certutil, ["-A", "-d", database, "-n", "interop", "-t", "C,,", "-i",
                folder.Write("ca.pem", authority.Pem)]);
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        await using var process = ChildProcess.Start(program, arguments);
        if (await process.WaitForExitAsync(Limits.Start) != 0)
            throw new InvalidOperationException(process.Log.Describe());
    }
}
