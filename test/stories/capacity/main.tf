# A cluster whose instances come and go with its tasks: launch template, Auto Scaling group, capacity provider.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" { region = "ap-northeast-1" }
variable "desired_count" {
  default = 1
}


variable "image" {}
resource "aws_vpc" "v" {
  cidr_block           = "10.5.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "s" {
  count             = 2
  vpc_id            = aws_vpc.v.id
  cidr_block        = "10.5.${count.index}.0/24"
  availability_zone = ["ap-northeast-1a", "ap-northeast-1c"][count.index]
}

resource "aws_security_group" "g" {
  vpc_id = aws_vpc.v.id
  name   = "g"
}

data "aws_ssm_parameter" "ami" { name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id" }
resource "aws_iam_role" "r" {
  name               = "inst"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
}

resource "aws_iam_instance_profile" "p" {
  name = "inst"
  role = aws_iam_role.r.name
}

resource "aws_ecs_cluster" "c" { name = "cap" }
resource "aws_launch_template" "t" {
  name_prefix            = "cap"
  image_id               = data.aws_ssm_parameter.ami.value
  instance_type          = "t3.small"
  vpc_security_group_ids = [aws_security_group.g.id]
  iam_instance_profile { arn = aws_iam_instance_profile.p.arn }
  user_data = base64encode("#!/bin/bash\necho ECS_CLUSTER=cap >> /etc/ecs/ecs.config\n")
}

resource "aws_autoscaling_group" "g" {
  name                  = "cap"
  min_size              = 0
  max_size              = 4
  desired_capacity      = 0
  vpc_zone_identifier   = aws_subnet.s[*].id
  protect_from_scale_in = true
  launch_template {
    id      = aws_launch_template.t.id
    version = "$Latest"
  }
  tag {
    key                 = "AmazonECSManaged"
    value               = true
    propagate_at_launch = true
  }
  lifecycle { ignore_changes = [desired_capacity] }
}

resource "aws_ecs_capacity_provider" "cp" {
  name = "cap"
  auto_scaling_group_provider {
    auto_scaling_group_arn         = aws_autoscaling_group.g.arn
    managed_termination_protection = "ENABLED"
    managed_scaling {
      status          = "ENABLED"
      target_capacity = 100
    }
  }
}

resource "aws_ecs_cluster_capacity_providers" "ccp" {
  cluster_name       = aws_ecs_cluster.c.name
  capacity_providers = [aws_ecs_capacity_provider.cp.name]
  default_capacity_provider_strategy {
    capacity_provider = aws_ecs_capacity_provider.cp.name
    weight            = 1
  }
}

resource "aws_ecs_task_definition" "td" {
  family                = "cap"
  container_definitions = jsonencode([{ name = "app", image = var.image, memory = 900 }])
}

resource "aws_ecs_service" "s" {
  name            = "cap"
  cluster         = aws_ecs_cluster.c.id
  task_definition = aws_ecs_task_definition.td.arn
  desired_count   = var.desired_count
  capacity_provider_strategy {
    capacity_provider = aws_ecs_capacity_provider.cp.name
    weight            = 1
  }
  depends_on = [aws_ecs_cluster_capacity_providers.ccp]
}

