using Relay.Fleet.Users;

namespace Relay.Testing.Behaviour;

/// <summary>Users of the fleet, as operators change them.</summary>
public abstract class UserBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    private static readonly DateTimeOffset Later = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task User_ThatIsPut_IsThereUntilRemoved()
    {
        Assert.Null(await Fleet.GetUserAsync("alice", Cancellation));

        var put = await PutAsync("alice");
        var known = await Fleet.GetUserAsync("alice", Cancellation);
        var removed = await Fleet.DeleteUserAsync("alice", put.Version, Cancellation);

        Assert.Equal(("alice", false, null), (put.Name, put.IsDisabled, put.ExpiresAt));
        Assert.Equal(put.Version, known!.Version);
        Assert.Equal(FleetStatus.Ok, removed.Status);
        Assert.Null(await Fleet.GetUserAsync("alice", Cancellation));
        Assert.Equal(FleetStatus.NotFound, (await Fleet.DeleteUserAsync("alice", null, Cancellation)).Status);
        // Who comes again has nothing of what was.
        Assert.NotEqual(put.Version, (await PutAsync("alice", expectedVersion: "")).Version);
    }

    [Fact]
    public async Task User_EditedByTwoOperators_IsAsTheFirstSaid_AndTheSecondIsTold()
    {
        var seen = await PutAsync("alice", expectedVersion: "");
        await AddAsync("alice", "phone");

        // What the second has seen has no phone.
        var second = await Fleet.PutUserAsync(new User { Name = "alice", IsDisabled = true }, seen.Version, Cancellation);
        var gone = await Fleet.DeleteUserAsync("alice", seen.Version, Cancellation);
        var again = await Fleet.PutUserAsync(new User { Name = "alice" }, "", Cancellation);

        Assert.Equal(
            (FleetStatus.PreconditionFailed, FleetStatus.PreconditionFailed, FleetStatus.PreconditionFailed),
            (second.Status, gone.Status, again.Status));
        Assert.Equal("there is a user alice already", again.Detail);
        var user = await Fleet.GetUserAsync("alice", Cancellation);
        Assert.False(user!.IsDisabled);
        Assert.Equal("phone", Assert.Single(user.Devices).Name);
    }

    [Fact]
    public async Task User_ThatIsChanged_KeepsDevices_AndTheSameAgainChangesNothing()
    {
        await PutAsync("alice");
        await AddAsync("alice", "phone");

        var changed = await Fleet.PutUserAsync(
            new User { Name = "alice", IsDisabled = true, ExpiresAt = Later }, null, Cancellation);
        var same = await Fleet.PutUserAsync(
            new User { Name = "alice", IsDisabled = true, ExpiresAt = Later }, null, Cancellation);

        Assert.Equal((true, Later), (changed.Value!.IsDisabled, changed.Value.ExpiresAt));
        Assert.Equal("phone", Assert.Single(changed.Value.Devices).Name);
        Assert.Equal(changed.Value.Version, same.Value!.Version);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Alice")]
    [InlineData("a:b")]
    [InlineData(".a")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ali\u0441e")]
    public async Task User_OfAName_ThatNoneCanHave_IsRefused(string name)
    {
        var put = await Fleet.PutUserAsync(new User { Name = name }, null, Cancellation);

        Assert.Equal((FleetStatus.Invalid, "name"), (put.Status, put.Field));
    }

    [Fact]
    public async Task User_WithATimeThatIsNone_IsRefused()
    {
        var put = await Fleet.PutUserAsync(
            new User { Name = "alice", ExpiresAt = new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero) }, null, Cancellation);

        Assert.Equal((FleetStatus.Invalid, "expiresAt"), (put.Status, put.Field));
    }

    [Fact]
    public async Task Device_ThatIsAdded_IsShownWithoutWhatItsSecretHashesTo_UntilRemoved()
    {
        await PutAsync("alice");
        var (phone, _) = DeviceSecret.Create("phone", Later);

        var added = await Fleet.AddDeviceAsync("alice", phone, Cancellation);
        var again = await Fleet.AddDeviceAsync("alice", phone, Cancellation);
        var other = await Fleet.AddDeviceAsync("alice", DeviceSecret.Create("phone", null).Device, Cancellation);
        await AddAsync("alice", "laptop");

        Assert.Equal(added.Value!.Version, again.Value!.Version);
        Assert.Equal(FleetStatus.Conflict, other.Status);
        var user = (await Fleet.GetUserAsync("alice", Cancellation))!;
        Assert.Equal(["phone", "laptop"], user.Devices.Select(static device => device.Name));
        Assert.Equal((phone.Id, Later), (user.Devices[0].Id, user.Devices[0].ExpiresAt));
        var removed = await Fleet.RemoveDeviceAsync("alice", phone.Id, Cancellation);
        Assert.Equal("laptop", Assert.Single(removed.Value!.Devices).Name);
        Assert.Equal(FleetStatus.NotFound, (await Fleet.RemoveDeviceAsync("alice", phone.Id, Cancellation)).Status);
        Assert.Equal(FleetStatus.NotFound, (await Fleet.RemoveDeviceAsync("bob", phone.Id, Cancellation)).Status);
        Assert.Equal(FleetStatus.NotFound, (await Fleet.AddDeviceAsync("bob", phone, Cancellation)).Status);
    }

    [Fact]
    public async Task Devices_OfAUser_AreBounded()
    {
        await PutAsync("alice");
        for (var i = 0; i < User.MaxDevices; i++)
            await AddAsync("alice", $"device {i}");

        var more = await Fleet.AddDeviceAsync("alice", DeviceSecret.Create("one more", null).Device, Cancellation);

        Assert.Equal(FleetStatus.Conflict, more.Status);
    }

    [Fact]
    public async Task Users_Listed_ComeInPartsByName_AndBySearch()
    {
        foreach (var name in (string[])["carol", "alice", "bob", "alina"])
            await PutAsync(name);
        await Fleet.DeleteUserAsync("bob", null, Cancellation);

        var first = await Fleet.ListUsersAsync(new UserQuery { Limit = 2 }, Cancellation);
        // Who is removed while somebody reads is a place all the same.
        await Fleet.DeleteUserAsync("alina", null, Cancellation);
        var second = await Fleet.ListUsersAsync(new UserQuery { Limit = 2, Cursor = first.Next }, Cancellation);
        var found = await Fleet.ListUsersAsync(new UserQuery { Search = "li" }, Cancellation);

        Assert.Equal(["alice", "alina"], first.Items.Select(static user => user.Name));
        Assert.Equal(["carol"], second.Items.Select(static user => user.Name));
        Assert.Null(second.Next);
        Assert.Equal(["alice"], found.Items.Select(static user => user.Name));
    }

    [Fact]
    public async Task Users_WhereStateIsKept_OutliveTheCoordinators()
    {
        var before = await PutAsync("alice");
        await AddAsync("alice", "phone");
        await PutAsync("bob");
        await Fleet.DeleteUserAsync("bob", null, Cancellation);
        var store = (await Fleet.GetUserStoreAsync(Cancellation)).Store;

        await World.RestartAsync();
        await World.StepAsync();

        var users = await Fleet.ListUsersAsync(new UserQuery(), Cancellation);
        Assert.Equal(World.KeepsState ? ["alice"] : [], users.Items.Select(static user => user.Name));
        Assert.Equal(World.KeepsState, (await Fleet.GetUserStoreAsync(Cancellation)).Store == store);
        if (World.KeepsState)
            Assert.NotEqual(before.Version, Assert.Single(users.Items).Version);
    }

    private async Task<User> PutAsync(string name, string? expectedVersion = null)
    {
        var put = await Fleet.PutUserAsync(new User { Name = name }, expectedVersion, Cancellation);
        Assert.Equal((FleetStatus.Ok, null), (put.Status, put.Detail));
        return put.Value!;
    }

    private async Task AddAsync(string user, string device)
    {
        var added = await Fleet.AddDeviceAsync(user, DeviceSecret.Create(device, null).Device, Cancellation);
        Assert.Equal((FleetStatus.Ok, null), (added.Status, added.Detail));
    }
}
