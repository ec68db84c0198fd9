using Relay.Fleet.Users;
using Relay.Grains.Tests.Stores;

namespace Relay.Grains.Tests.Cluster;

/// <summary>Two coordinators that both believe that they keep the users: storage decides whose use of an enrolment holds.</summary>
[Trait("Needs", "Cluster")]
public sealed class EnrolmentRaceTests
{
    private readonly SharedStorage _storage = new();

    [Fact]
    public async Task Enrolment_UsedAtTwoCoordinatorsAtOnce_MakesOneDevice()
    {
        for (var round = 0; round < 5; round++)
        {
            await using var one = await MemoryFleet.StartAsync(storage: _storage);
            var user = $"user-{round}";
            Assert.True((await one.Fleet.PutUserAsync(new User { Name = user }, null, default)).IsOk);
            var begun = await one.Fleet.BeginEnrolmentAsync(user, new NewEnrolment(DeviceSecret.HashOf(user), "phone", "otto"), default);
            Assert.True(begun.IsOk);
            await using var other = await MemoryFleet.StartAsync(storage: _storage);
            foreach (var fleet in (MemoryFleet[])[one, other])
                Assert.Contains(await fleet.Fleet.ListEnrolmentsAsync(default), known => known.User == user && known.Used is null);

            var results = await Task.WhenAll(UseAsync(one, begun.Value!), UseAsync(other, begun.Value!));

            var used = Assert.Single(results, static result => result.IsOk).Value!.Used!;
            Assert.Equal(FleetStatus.Conflict, Assert.Single(results, static result => !result.IsOk).Status);
            foreach (var fleet in (MemoryFleet[])[one, other])
            {
                var now = await Eventually.HoldsAsync(
                    "it knows the device", async () => await fleet.Fleet.GetUserAsync(user, default), static known => known?.Devices.Count > 0);
                Assert.Equal(used.Id, Assert.Single(now!.Devices).Id);
            }
        }
    }

    private static Task<FleetResult<Enrolment>> UseAsync(MemoryFleet fleet, Enrolment begun) => Task.Run(async () =>
    {
        var (device, _) = DeviceSecret.Create("device", null);
        return await fleet.Fleet.UseEnrolmentAsync(new EnrolmentUse(begun.Sha256, device.Id, device.Sha256), default);
    });
}
