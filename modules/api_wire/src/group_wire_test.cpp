// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// What a request about groups may not say.
#include "annals/api_wire/group_wire.hpp"

#include <gtest/gtest.h>

#include "annals/v1/consumer_groups.pb.h"

namespace annals::api_wire {
namespace {

namespace v1 = annals::v1;

TEST(GroupWire, ACommandThatIsNoneIsRefusedWithItsNumberAndThoseThatAre) {
    for (const int command : {0, 6, 99}) {
        v1::ControlGroupRequest request;
        request.set_group("orders");
        request.set_command(static_cast<v1::GroupCommand>(command));
        const auto read = decode_control_group_request(request.SerializeAsString());
        ASSERT_FALSE(read) << command;
        EXPECT_EQ(read.error().field("field"), "command");
        EXPECT_EQ(read.error().field("value"), std::to_string(command));
        EXPECT_NE(read.error().message().find("4 (rewind)"), std::string::npos);
    }
    v1::ControlGroupRequest request;
    request.set_command(v1::GROUP_COMMAND_DELETE);
    const auto read = decode_control_group_request(request.SerializeAsString());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->request.command, api::GroupCommand::kDelete);
}

TEST(GroupWire, AnActionThatIsNoneIsRefusedWithItsNumberAndThoseThatAre) {
    for (const int action : {0, 4, 99}) {
        v1::ChangeParkedRequest request;
        request.set_group("orders");
        request.set_action(static_cast<v1::ParkedAction>(action));
        const auto read = decode_change_parked_request(request.SerializeAsString());
        ASSERT_FALSE(read) << action;
        EXPECT_EQ(read.error().field("field"), "action");
        EXPECT_EQ(read.error().field("value"), std::to_string(action));
        EXPECT_NE(read.error().message().find("3 (purge)"), std::string::npos);
    }
    v1::ChangeParkedRequest request;
    request.set_action(v1::PARKED_ACTION_PURGE);
    const auto read = decode_change_parked_request(request.SerializeAsString());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->request.action, api::ParkedAction::kPurge);
}

}  // namespace
}  // namespace annals::api_wire
