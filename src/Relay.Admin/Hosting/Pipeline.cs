using System.IO.Compression;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;
using Relay.Admin.Apple;
using Relay.Admin.Assets;
using Relay.Admin.Diagnostics;
using Relay.Admin.Enrolments;
using Relay.Admin.Events;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Admin.Kubernetes;
using Relay.Admin.OpenApi;
using Relay.Admin.Resources;
using Relay.Fleet.Contract;
using Relay.Fleet.State;
using Relay.Hosting.Credentials;

namespace Relay.Admin.Hosting;

/// <summary>What a request goes through, and what it needs.</summary>
internal static class Pipeline
{
    /// <summary>Registers what requests need.</summary>
    public static void AddServices(IServiceCollection services, AdminConfig config, EnrolPlace place, IFleet fleet, TimeProvider clock)
    {
        services.AddSingleton(config).AddSingleton(place).AddSingleton(fleet).AddSingleton((IFleetBackup)fleet).AddSingleton(clock);
        services.AddSingleton(new FailureLimiter<string>(clock, ""));
        services.AddSingleton<NodeProcesses>().AddSingleton<ReportBudget>().AddSingleton<BearerTokens>();
        // By this machine's time, whatever clock the fleet goes by.
        services.AddSingleton(static services => new RequestRates(
            services.GetRequiredService<AdminConfig>(), services.GetRequiredService<Refusals>(), TimeProvider.System));
        services.AddSingleton<AuditLog>().AddSingleton<IdempotencyStore>();
        services.AddSingleton<FleetProbe>().AddSingleton<AdminMeter>().AddSingleton<FleetMetrics>();
        services.AddSingleton<EventSlots>().AddSingleton<EventStream>();
        if (config.Kubernetes is { } cluster)
            services.AddSingleton(cluster).AddSingleton<TokenReviewer>();
        services.ConfigureHttpJsonOptions(static options => AdminJson.Configure(options.SerializerOptions, AppleJson.Options.TypeInfoResolver));
        services.AddRouting();
        services.AddResponseCompression(static options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes = ["application/json"];
            options.Providers.Add<GzipCompressionProvider>();
        });
        // A fleet of a thousand nodes is read every few seconds: what more the better levels save is not worth what they cost.
        services.Configure<GzipCompressionProviderOptions>(static options => options.Level = CompressionLevel.Fastest);
        ApiDescription.Add(services);
        // Not AddAuthentication, which adds keys for cookies that there are none of, and warns where it can keep them nowhere.
        services.AddAuthenticationCore(static options => options.DefaultScheme = Policies.Scheme).AddWebEncoders();
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, BearerHandler>(Policies.Scheme, null);
        services.AddAuthorization(Policies.Configure);
        services.AddRequestTimeouts(options => options.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = config.RequestTimeout,
            TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
        });
    }

    /// <summary>Lays out the way of a request; the order is the guard.</summary>
    public static void Use(WebApplication app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<AuditTrail>();
        app.UseMiddleware<ErrorAnswers>();
        app.UseMiddleware<BrowserGuard>();
        app.UseRouting();
        app.UseRequestTimeouts();
        app.UseMiddleware<ReportWay>();
        app.UseAuthentication();
        var slots = app.Services.GetRequiredService<EventSlots>();
        app.Services.GetRequiredService<AdminMeter>().Meter.CreateObservableGauge(
            "relay.admin.event.streams", () => slots.Count, "{stream}", "Readers of the event stream");
        var history = app.Services.GetRequiredService<HistoryOutbox>();
        app.Services.GetRequiredService<AdminMeter>().Meter.CreateObservableCounter(
            "relay.admin.history.lost", () => history.Lost, "{entry}", "What was done or refused and is in no history");
        app.UseMiddleware<RequestGate>();
        app.UseMiddleware<ReportGate>();
        app.UseAuthorization();
        app.UseWhen(
            static http => http.GetEndpoint()?.Metadata.GetMetadata<IsCompressed>() is not null,
            static branch => branch.UseResponseCompression());

        HealthResource.Map(app);
        MetricsResource.Map(app);
        WebAssets.Map(app);
        ApiDescription.Map(app);
        var routes = app.MapGroup("/v1").AddEndpointFilter(RefuseUnknownQuery);
        FleetResource.Map(routes);
        CallerResource.Map(routes);
        FleetStateResource.Map(routes);
        NodesResource.Map(routes);
        QuarantineResource.Map(routes);
        ReportsResource.Map(routes);
        DrainsResource.Map(routes);
        SessionsResource.Map(routes);
        PrefixPoolsResource.Map(routes);
        UsersResource.Map(routes);
        EnrolmentsResource.Map(routes);
        UserStoreResource.Map(routes);
        LeasesResource.Map(routes);
        LimitsResource.Map(routes);
        StatsResource.Map(routes);
        EventsResource.Map(routes);
        RelayResource.Map(routes);
        AppleProfileResource.Map(routes);
    }

    // Routes with parameters read them all; a route without any has nobody to look.
    private static ValueTask<object?> RefuseUnknownQuery(
        EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var http = invocation.HttpContext;
        if (http.Request.Query.Count > 0 && http.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>() is null)
            new QueryReader(http).ThrowIfWrong();
        return next(invocation);
    }
}
