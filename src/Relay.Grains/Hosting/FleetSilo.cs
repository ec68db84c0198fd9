using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Persistence;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Storage;
using Relay.Fleet.Contract;
using Relay.Fleet.Sessions;
using Relay.Grains.Contracts;
using Relay.Grains.State;
using Relay.Grains.Stats;
using StackExchange.Redis;

namespace Relay.Grains.Hosting;

/// <summary>What makes a silo one of a fleet. The same for a coordinator and for the tests' clusters.</summary>
internal static class FleetSilo
{
    private const string RedisPromises = "promises-redis";
    private const string RedisState = "state-redis";

    /// <summary>
    /// The part that does not depend on where members and state are: serialization, times, versions, what grains need.
    /// </summary>
    internal static ISiloBuilder AddFleet(this ISiloBuilder silo, SiloConfig config, GrainClock clock)
    {
        silo.Services
            .AddSingleton(config)
            .AddSingleton(config.Timings)
            .AddSingleton(clock)
            .AddSingleton(new SessionBudget(config.SessionBytes))
            .AddSingleton<StageLinks>()
            .AddSingleton<IGeneralizedCopier, FleetRecordCopier>()
            .AddSingleton<IGrainStorageSerializer, JsonStateSerializer>()
            .AddSerializer(serializer => serializer.AddJsonSerializer(
                GrainJson.IsRecord, static _ => false,
                json => json.Configure(options => options.SerializerOptions = GrainJson.Options)));
        return silo
            .Configure<ClusterMembershipOptions>(MembershipTiming.Apply)
            .Configure<SiloMessagingOptions>(
                options => options.ResponseTimeout = clock.Patience(MembershipTiming.ResponseTimeout))
            // A newer grain answers an older caller; an older one is replaced when a newer caller comes.
            .Configure<GrainVersioningOptions>(options =>
            {
                options.DefaultCompatibilityStrategy = nameof(Orleans.Versions.Compatibility.BackwardCompatible);
                options.DefaultVersionSelectorStrategy = nameof(Orleans.Versions.Selector.AllCompatibleVersions);
            });
    }

    /// <summary>Members and state in Redis, or without it one silo with both in memory.</summary>
    internal static ISiloBuilder UseStores(this ISiloBuilder silo, SiloConfig config, IPEndPoint address)
    {
        silo.Configure<ClusterOptions>(
            options => (options.ClusterId, options.ServiceId) = (config.ClusterId, config.ClusterId))
            .Configure<EndpointOptions>(options =>
            {
                options.AdvertisedIPAddress = address.Address;
                options.SiloPort = address.Port;
                // Nodes come over HTTPS: no silo is a gateway to clients of Orleans.
                options.GatewayPort = 0;
            });
        if (config.Redis is null)
        {
            silo.Services.AddSingleton<IStoreState, MemoryStoreState>();
            return silo.UseDevelopmentClustering(primarySiloEndpoint: null)
                .AddMemoryGrainStorage(GrainKeys.Storage).AddMemoryGrainStorage(GrainKeys.Promises);
        }
        // A connection of their own: WAIT holds up whatever else is on it.
        var redis = new RedisStore(config.ClusterId, TimeProvider.System);
        silo.Services.AddSingleton(redis).AddSingleton<IStoreState>(redis)
            .AddKeyedSingleton<IGrainStorage>(GrainKeys.Storage, static (services, _) => Measured(
                services, services.GetRequiredKeyedService<IGrainStorage>(RedisState)))
            .AddKeyedSingleton<IGrainStorage>(GrainKeys.Promises, (services, _) => Measured(services, new ReplicatedStorage(
                services.GetRequiredKeyedService<IGrainStorage>(RedisPromises), redis, config.RedisReplicas)));
        return silo
            .UseRedisClustering(options => options.ConfigurationOptions = RedisOptions(config))
            .AddRedisGrainStorage(RedisState, Store)
            .AddRedisGrainStorage(RedisPromises, options =>
            {
                Store(options);
                options.CreateMultiplexer = redis.ConnectAsync;
            });

        void Store(RedisStorageOptions options)
        {
            options.ConfigurationOptions = RedisOptions(config);
            options.GetStorageKey = redis.KeyOf;
            options.DeleteStateOnClear = true;
        }
    }

    private static MeasuredStorage Measured(IServiceProvider services, IGrainStorage storage) =>
        new(storage, services.GetRequiredService<SiloMeter>(), services.GetRequiredService<RedisStore>());

    /// <summary>Reads Redis's configuration text, with waits that fit a fleet that reports once a second.</summary>
    /// <exception cref="ArgumentException">The text is not one. The message has nothing of it, since a password is in it.</exception>
    internal static ConfigurationOptions RedisOptions(SiloConfig config)
    {
        var text = config.Redis!;
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            throw new ArgumentException($"part {WrongPart(text)} of it, between commas, is none that StackExchange.Redis knows");
        }
        if (options.EndPoints.Count == 0)
            throw new ArgumentException("it names no Redis server");
        // What is not answered in time is tried again by whoever asked; a queue of old commands helps nobody.
        if (!text.Contains("timeout", StringComparison.OrdinalIgnoreCase))
            options.ConnectTimeout = options.AsyncTimeout = options.SyncTimeout = 3000;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(1000);
        if (config.RedisPasswordPath is { } password)
            options.Defaults = new RedisPassword(password);
        if (config.RedisAuthorityPath is { } authority)
            options.CertificateValidation += RedisTrust.In(authority);
        options.ClientName ??= "relayfleet";
        return options;
    }

    private static int WrongPart(string text)
    {
        var parts = text.Split(',');
        return 1 + Array.FindIndex(parts, static part =>
        {
            try
            {
                ConfigurationOptions.Parse(part);
                return false;
            }
            catch (Exception)
            {
                return true;
            }
        });
    }
}
