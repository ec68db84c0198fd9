using Relay.Hosting.Fleet;
using Relay.Hosting.Logging;
using Relay.Hosting.Options;
using static Relay.Hosting.Options.OptionDefinition;

namespace Relay.Admin.Options;

/// <summary>Every option of relay-admin. Names are those of relay-node where it has the same.</summary>
internal static class AdminOptions
{
    /// <summary>Who coordinates.</summary>
    public static readonly OptionDefinition Fleet = Single(OptionGroup.Fleet, "--fleet", "local|silo",
        "Who coordinates: this process alone, in memory or with --state, or Orleans grains, with state and other "
        + "coordinators through --redis") with
    {
        DefaultText = "local",
    };

    /// <summary>See <see cref="AdminConfig.Address"/>.</summary>
    public static readonly OptionDefinition AdminAddress = Single(OptionGroup.Listening, "--admin-address", "ADDR:PORT",
        "Where API and dashboard listen; other than loopback only with --admin-token-file; port 0 for a free one") with
    {
        DefaultText = new AdminConfig().Address.ToString(),
    };

    /// <summary>See <see cref="AdminConfig.ReportAddress"/>.</summary>
    public static readonly OptionDefinition ReportAddress = Single(OptionGroup.Listening, "--report-address", "ADDR:PORT",
        "Where nodes' reports are taken as well, and nothing else, with connections of its own; other than loopback only with "
        + "--admin-token-file");

    /// <summary>See <see cref="AdminConfig.MetricsAddress"/>.</summary>
    public static readonly OptionDefinition MetricsAddress = Single(OptionGroup.Listening, "--metrics-address", "ADDR:PORT",
        "Where /metrics, /livez and /readyz are answered as well, over plain HTTP and without a token; port 0 for a free one");

    /// <summary>See <see cref="AdminConfig.ConnectionsPerSource"/>.</summary>
    public static readonly OptionDefinition ConnectionsPerSource = Single(OptionGroup.Limits, "--admin-connections-per-source", "N",
        "Connections of one source without a token, and of one token or node; the one that was still for longest makes room") with
    {
        DefaultText = $"{new AdminConfig().ConnectionsPerSource}",
    };

    /// <summary>See <see cref="AdminConfig.TokenFile"/>.</summary>
    public static readonly OptionDefinition TokenFile = Single(OptionGroup.Clients, "--admin-token-file", "PATH",
        "Tokens, a line for each: NAME:ROLE:sha256$HEX; read again when it changes");

    /// <summary>See <see cref="AdminConfig.Kubernetes"/>.</summary>
    public static readonly OptionDefinition KubernetesAccount = List(OptionGroup.Clients, "--kubernetes-account", "NAMESPACE:NAME",
        "In a cluster: a service account whose pods are nodes, each of the name of its machine; their tokens are reviewed by the "
        + "API server (TokenReview)");

    /// <summary>See <see cref="KubernetesConfig.Audience"/>.</summary>
    public static readonly OptionDefinition KubernetesAudience = Single(OptionGroup.Clients, "--kubernetes-audience", "NAME",
        "Whom tokens of --kubernetes-account must be for") with
    {
        DefaultText = KubernetesConfig.UsualAudience,
    };

    /// <summary>See <see cref="AdminConfig.TlsCertPath"/>.</summary>
    public static readonly OptionDefinition TlsCertPath = Single(OptionGroup.Tls, "--tls-cert-path", "PEM",
        "Certificate chain, for HTTPS; read again when it changes");

    /// <summary>See <see cref="AdminConfig.TlsPrivateKeyPath"/>.</summary>
    public static readonly OptionDefinition TlsPrivateKeyPath =
        Single(OptionGroup.Tls, "--tls-private-key-path", "PEM", "Private key, for HTTPS");

    /// <summary>All of them, with what help says around them.</summary>
    public static ProgramOptions Program { get; } = new("relay-admin",
        [
            AdminAddress, ReportAddress, MetricsAddress, ConnectionsPerSource, TlsCertPath, TlsPrivateKeyPath, TokenFile, KubernetesAccount,
            KubernetesAudience, Fleet, .. FleetHostOptions.All, .. ProfileOptions.All, .. EnrolOptions.All,
            LogOptions.Level, LogOptions.Format, ProgramOptions.Config, ProgramOptions.CheckConfig,
            ProgramOptions.Version, ProgramOptions.Help,
        ],
        """
        relay-admin: coordinates a fleet of relays; REST API, event stream and dashboard

        Usage: relay-admin [options]
               relay-admin hash-token NAME viewer|operator|node [--generate]
        """,
        """
        hash-token reads a token from standard input, or makes one with --generate, and writes a line for
        the file of --admin-token-file. A node's NAME is its id, or a pattern that ends in *.

        SIGHUP reads the token file and the certificate again; SIGTERM and SIGINT end the program in order.

        Exit status: 0 after a clean end, 1 if the fleet's host failed, 2 if the configuration is wrong.
        """)
    {
        Commands = [HashTokenCommand.Name],
    };
}
