using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;
using Relay.Hosting.Fleet;
using Relay.Hosting.Logging;
using Relay.Hosting.Options;

namespace Relay.Admin.Options;

/// <summary>Makes a <see cref="ProgramConfig"/> of options, or says all that stands against it.</summary>
/// <param name="read">What was given.</param>
internal sealed class ProgramConfigReader(OptionReader read)
{
    private const int MaxConnectionsPerSource = 8192;
    private const string KubernetesHost = "KUBERNETES_SERVICE_HOST";
    private const string KubernetesPort = "KUBERNETES_SERVICE_PORT";

    /// <summary>Validates every option.</summary>
    /// <returns>The configuration; of no use if there are errors.</returns>
    public ProgramConfig Read()
    {
        var isSilo = read.Choice(AdminOptions.Fleet, "local", "silo") == "silo";
        foreach (var option in FleetHostOptions.OfSilo)
        {
            if (!isSilo && read.IsGiven(option))
                read.Fail(option, "needs --fleet silo");
        }
        if (isSilo && read.IsGiven(FleetHostOptions.State))
            read.Fail(FleetHostOptions.State, "needs --fleet local");
        var fleet = FleetHostOptions.Read(read, File.OpenRead, isSilo);
        return new ProgramConfig
        {
            Fleet = fleet with { Silo = fleet.Silo with { EndsWithSilo = true } },
            Admin = ReadAdmin() with { FleetName = fleet.Silo.ClusterId },
            LogFormat = LogOptions.ReadFormat(read),
            LogLevel = LogOptions.ReadLevel(read),
        };
    }

    private AdminConfig ReadAdmin()
    {
        var admin = new AdminConfig
        {
            TokenFile = read.Text(AdminOptions.TokenFile),
            TlsCertPath = read.Text(AdminOptions.TlsCertPath),
            TlsPrivateKeyPath = read.Text(AdminOptions.TlsPrivateKeyPath),
            ReportAddress = read.Address(AdminOptions.ReportAddress),
            MetricsAddress = read.Address(AdminOptions.MetricsAddress),
            Profiles = ProfileOptions.Read(read, File.OpenRead),
            ConnectionsPerSource = read.Integer(
                AdminOptions.ConnectionsPerSource, new AdminConfig().ConnectionsPerSource, 1, MaxConnectionsPerSource),
        };
        if (read.Address(AdminOptions.AdminAddress) is { } address)
            admin = admin with { Address = address };
        foreach (var (option, listening) in ((OptionDefinition, IPEndPoint?)[])
            [(AdminOptions.AdminAddress, admin.Address), (AdminOptions.ReportAddress, admin.ReportAddress)])
        {
            if (admin.TokenFile is null && listening is not null && !IPAddress.IsLoopback(listening.Address))
                read.Fail(option, $"'{listening}' is not loopback: {AdminOptions.TokenFile.Name} is needed");
        }
        if (read.Content(AdminOptions.TokenFile, File.OpenRead) is { } tokens
            && !TokenTable.TryRead(tokens, out _, out var fault))
            read.Fail(AdminOptions.TokenFile, $"'{admin.TokenFile}': {fault}");
        CheckTls(admin);
        var hasRelay = admin.Profiles.Relay is not null;
        return admin with
        {
            Kubernetes = ReadKubernetes(admin),
            Enrol = EnrolOptions.Read(read, File.OpenRead, hasRelay, admin.TlsCertPath, admin.TlsPrivateKeyPath),
        };
    }

    private KubernetesConfig? ReadKubernetes(AdminConfig admin)
    {
        var accounts = read.List<string>(AdminOptions.KubernetesAccount, TryReadAccount);
        var audience = read.Text(AdminOptions.KubernetesAudience);
        if (!read.IsGiven(AdminOptions.KubernetesAccount))
        {
            if (audience is not null)
                read.Fail(AdminOptions.KubernetesAudience, $"needs {AdminOptions.KubernetesAccount.Name}");
            return null;
        }
        if (admin.TokenFile is null)
            read.Fail(AdminOptions.KubernetesAccount, $"needs {AdminOptions.TokenFile.Name}, which has the tokens of operators");
        // As in every pod: its own API server.
        var (host, port) = (Environment.GetEnvironmentVariable(KubernetesHost), Environment.GetEnvironmentVariable(KubernetesPort));
        if (string.IsNullOrEmpty(host))
            read.Fail(AdminOptions.KubernetesAccount, $"there is no cluster: {KubernetesHost} is not set, as it is in every pod");
        else if (ServerOf(host, port) is not { } server)
            read.Fail(AdminOptions.KubernetesAccount, $"{KubernetesHost} and {KubernetesPort} name no API server: '{host}', '{port}'");
        else
            return new KubernetesConfig
            {
                Server = server,
                Accounts = accounts,
                Audience = audience ?? KubernetesConfig.UsualAudience,
            };
        return null;
    }

    private static bool TryReadAccount(string text, [NotNullWhen(true)] out string? account, [NotNullWhen(false)] out string? error)
    {
        account = text;
        error = text.Split(':') is [var place, var name] && Names.IsNode(place) && Names.IsNode(name)
            ? null : $"'{text}' is not NAMESPACE:NAME";
        return error is null;
    }

    /// <summary>The API server at an address or a name, as clusters whose operators set it have; null where it can be neither.</summary>
    internal static Uri? ServerOf(string host, string? port) =>
        Uri.CheckHostName(host) != UriHostNameType.Unknown && ushort.TryParse(port, CultureInfo.InvariantCulture, out var number) && number > 0
            ? new UriBuilder(Uri.UriSchemeHttps, host, number).Uri : null;

    private void CheckTls(AdminConfig admin) => CertificateOptions.Check(
        read, File.OpenRead, AdminOptions.TlsCertPath, AdminOptions.TlsPrivateKeyPath, TlsIdentity.FilesOf(admin), "HTTPS",
        static (files, contents) => TlsIdentity.Load(files, contents));
}
