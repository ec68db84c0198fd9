using Relay.Fleet.Users;

namespace Relay.Testing.Behaviour;

/// <summary>Enrolments: links by which users get devices, once.</summary>
public abstract class EnrolmentBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    private static int _tokens;

    [Fact]
    public async Task Enrolment_ThatIsUsed_MakesOneDevice_AndLookingUsesNothingUp()
    {
        await PutAsync("alice");
        var begun = await BeginAsync("alice", "phone");
        for (var i = 0; i < 20; i++)
            Assert.Null(Assert.Single(await Fleet.ListEnrolmentsAsync(Cancellation)).Used);
        Assert.Empty((await Fleet.GetUserAsync("alice", Cancellation))!.Devices);

        var (first, second) = (Use(begun), Use(begun));
        var used = await Fleet.UseEnrolmentAsync(first, Cancellation);
        var lost = await Fleet.UseEnrolmentAsync(first, Cancellation);
        var again = await Fleet.UseEnrolmentAsync(second, Cancellation);

        Assert.Equal(("alice", "phone", "otto"), (used.Value!.User, used.Value.Used!.Name, used.Value.By));
        // Who asks again since the answer was lost gets it; somebody else is told.
        Assert.Equal(used.Value.Used, lost.Value!.Used);
        Assert.Equal(FleetStatus.Conflict, again.Status);
        Assert.Equal((first.Id, "phone"), Assert.Single((await Fleet.GetUserAsync("alice", Cancellation))!.Devices) is var device
            ? (device.Id, device.Name) : default);
        Assert.Equal(first.Id, Assert.Single(await Fleet.ListEnrolmentsAsync(Cancellation)).Used!.Id);
    }

    [Fact]
    public async Task Enrolment_UsedByManyAtOnce_IsOnesAlone()
    {
        await PutAsync("alice");
        var begun = await BeginAsync("alice");

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            Task.Run(async () => await Fleet.UseEnrolmentAsync(Use(begun), Cancellation))));

        Assert.Equal(1, results.Count(static result => result.IsOk));
        Assert.All(results.Where(static result => !result.IsOk), static result => Assert.Equal(FleetStatus.Conflict, result.Status));
        Assert.Equal(
            results.Single(static result => result.IsOk).Value!.Used!.Id,
            Assert.Single((await Fleet.GetUserAsync("alice", Cancellation))!.Devices).Id);
    }

    [Fact]
    public async Task Enrolment_OfOne_GivesNothingToAnother()
    {
        await PutAsync("alice");
        await PutAsync("bob");
        var begun = await BeginAsync("alice");

        var taken = await Fleet.BeginEnrolmentAsync("bob", new NewEnrolment(begun.Sha256, "phone", "otto"), Cancellation);
        await Fleet.UseEnrolmentAsync(Use(begun), Cancellation);

        Assert.Equal(FleetStatus.Conflict, taken.Status);
        Assert.Single((await Fleet.GetUserAsync("alice", Cancellation))!.Devices);
        Assert.Empty((await Fleet.GetUserAsync("bob", Cancellation))!.Devices);
        var unknown = await Fleet.UseEnrolmentAsync(Use(begun) with { Sha256 = DeviceSecret.HashOf("a guess") }, Cancellation);
        Assert.Equal(FleetStatus.NotFound, unknown.Status);
        Assert.Equal(FleetStatus.NotFound, (await TryBeginAsync("carol")).Status);
    }

    [Fact]
    public async Task Enrolment_AfterTenMinutes_IsOver()
    {
        await PutAsync("alice");
        var begun = await BeginAsync("alice");
        Assert.InRange(begun.ExpiresAt - World.Now, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(11));

        World.SetClock(Enrolment.Lifetime + TimeSpan.FromSeconds(5));

        Assert.Empty(await Fleet.ListEnrolmentsAsync(Cancellation));
        Assert.Equal(FleetStatus.NotFound, (await Fleet.UseEnrolmentAsync(Use(begun), Cancellation)).Status);
        Assert.Empty((await Fleet.GetUserAsync("alice", Cancellation))!.Devices);
    }

    [Fact]
    public async Task UserWhoIsDisabledOrRemoved_LosesEnrolments_ForGood()
    {
        await PutAsync("alice");
        await PutAsync("bob");
        var (alices, bobs) = (await BeginAsync("alice"), await BeginAsync("bob"));

        await Fleet.PutUserAsync(new User { Name = "alice", IsDisabled = true }, null, Cancellation);
        await Fleet.DeleteUserAsync("bob", null, Cancellation);
        Assert.Empty(await Fleet.ListEnrolmentsAsync(Cancellation));
        Assert.Equal(FleetStatus.Conflict, (await TryBeginAsync("alice")).Status);
        await PutAsync("alice");
        await PutAsync("bob");

        Assert.Equal(FleetStatus.NotFound, (await Fleet.UseEnrolmentAsync(Use(alices), Cancellation)).Status);
        Assert.Equal(FleetStatus.NotFound, (await Fleet.UseEnrolmentAsync(Use(bobs), Cancellation)).Status);
    }

    [Fact]
    public async Task Enrolments_OfAUser_AreBounded_AndThoseOfOthersHaveRoom()
    {
        await PutAsync("alice");
        await PutAsync("bob");
        var first = await BeginAsync("alice");
        for (var i = 1; i < UserBook.MaxEnrolmentsOfUser; i++)
            await BeginAsync("alice");

        Assert.Equal(FleetStatus.Conflict, (await TryBeginAsync("alice")).Status);
        await BeginAsync("bob");
        await Fleet.UseEnrolmentAsync(Use(first), Cancellation);
        await BeginAsync("alice");
    }

    [Fact]
    public async Task Device_OfANameThatIsTaken_HasANumber()
    {
        await PutAsync("alice");
        foreach (var _ in (int[])[1, 2, 3])
            await Fleet.UseEnrolmentAsync(Use(await BeginAsync("alice", "phone")), Cancellation);

        Assert.Equal(
            ["phone", "phone 2", "phone 3"],
            (await Fleet.GetUserAsync("alice", Cancellation))!.Devices.Select(static device => device.Name));
    }

    [Fact]
    public async Task Enrolments_WhereStateIsKept_OutliveTheCoordinators_AndNothingRevivesThem()
    {
        await PutAsync("alice");
        var (waits, used) = (await BeginAsync("alice"), await BeginAsync("alice"));
        await Fleet.UseEnrolmentAsync(Use(used), Cancellation);

        await World.RestartAsync();
        await World.StepAsync();

        if (World.KeepsState)
        {
            Assert.Equal(FleetStatus.Conflict, (await Fleet.UseEnrolmentAsync(Use(used), Cancellation)).Status);
            Assert.Equal(FleetStatus.Ok, (await Fleet.UseEnrolmentAsync(Use(waits), Cancellation)).Status);
        }
        Assert.DoesNotContain(await Fleet.ListEnrolmentsAsync(Cancellation), static one => one.Used is null);
        // A fleet that has lost what it knew may have an older copy of it.
        await World.LoseStateAsync();
        await World.StepAsync();
        Assert.Empty(await Fleet.ListEnrolmentsAsync(Cancellation));
    }

    [Fact]
    public async Task Events_SayWhoEnrolledWhom_AndNothingSecret()
    {
        await PutAsync("alice");
        var position = (await World.AnswerAsync(Fleet.ReadEventsAsync(null, Cancellation))).Position;
        var begun = await BeginAsync("alice", "phone");
        var use = Use(begun);
        await Fleet.UseEnrolmentAsync(use, Cancellation);
        await Fleet.UseEnrolmentAsync(use, Cancellation);

        List<FleetEvent> told = [];
        await World.UntilAsync("both are told", async () =>
        {
            var batch = await World.AnswerAsync(Fleet.ReadEventsAsync(position, Cancellation));
            position = batch.Position;
            told.AddRange(batch.Events.Where(static happened => happened.Kind == FleetEventKind.User));
            return told.Count >= 2;
        });

        Assert.Equal(
            ["otto has begun an enrolment of alice", $"alice has enrolled phone ({use.Id}), by a link of otto"],
            told.Select(static happened => happened.Text));
        Assert.All(told, happened =>
        {
            Assert.Equal("alice", happened.User);
            Assert.DoesNotContain(begun.Sha256, happened.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(use.Secret, happened.ToString(), StringComparison.Ordinal);
        });
    }

    private static EnrolmentUse Use(Enrolment begun)
    {
        var (device, _) = DeviceSecret.Create("device", null);
        return new EnrolmentUse(begun.Sha256, device.Id, device.Sha256);
    }

    private ValueTask<FleetResult<Enrolment>> TryBeginAsync(string user, string device = "phone") => Fleet.BeginEnrolmentAsync(
        user, new NewEnrolment(DeviceSecret.HashOf($"token {Interlocked.Increment(ref _tokens)}"), device, "otto"), Cancellation);

    private async Task<Enrolment> BeginAsync(string user, string device = "phone")
    {
        var begun = await TryBeginAsync(user, device);
        Assert.Equal((FleetStatus.Ok, null), (begun.Status, begun.Detail));
        return begun.Value!;
    }

    private async Task PutAsync(string name)
    {
        var put = await Fleet.PutUserAsync(new User { Name = name }, null, Cancellation);
        Assert.Equal((FleetStatus.Ok, null), (put.Status, put.Detail));
    }
}
